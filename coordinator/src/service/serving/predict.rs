//! Online predictions: the live version answers. The coordinator runs no models; a predictor of some worker is asked over the bus,
//! past the backlog.

use std::collections::BTreeMap;

use common::ports::Mailbox;
use common::vocabulary::{ArtifactRef, ModelKey, PredictionId, Reading, Source, VersionNumber};
use common::wire::codec;
use common::wire::{ListedItem, PredictQuestion, PredictRequest, Prediction, RowAnswer};
use domain::columns;
use newtype_uuid::GenericUuid;
use serde_json::{Value, json};
use uuid::Uuid;

use super::predictions::{Kind, Noted};
use super::{given, user_ratings};
use crate::db::{self, models::Model, serving::Serving};
use crate::service::error::{Error, Result};
use crate::service::runtime::fault::Mutant;
use crate::service::runtime::lookup::model;
use crate::service::runtime::{Core, Refit};
use crate::service::state::answers::Reply;
use crate::views::{
    ListedItemView, PredictRowsRequest, PredictionView, PredictionsView, RecommendRequest, RecommendationsView,
};

/// Most rows of one question.
const MOST_ROWS: usize = 10_000;
/// Longest list.
const LONGEST_LIST: u32 = 1_000;

impl Refit {
    /// Predicts for rows with the live version of a model, in their order.
    ///
    /// # Errors
    /// No such model, one without a live version, rows it cannot read, or nobody answered in time.
    pub async fn predict(&self, key: &ModelKey, request: PredictRowsRequest) -> Result<PredictionsView> {
        rows(&self.core, key, request).await
    }

    /// Says what a user may like, by the live version of a recommender.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub async fn recommend(&self, key: &ModelKey, request: RecommendRequest) -> Result<RecommendationsView> {
        recommend(&self.core, key, request).await
    }
}

/// Predicts for rows, in their order.
async fn rows(core: &Core, key: &ModelKey, request: PredictRowsRequest) -> Result<PredictionsView> {
    if request.rows.is_empty() || request.rows.len() > MOST_ROWS {
        return Err(Error::invalid(format!("give 1 to {MOST_ROWS} rows")));
    }
    let Live { model, artifact, source } = live(core, key).await?;
    let inputs = inputs(&source.reading, &request.rows)?;
    let cells = inputs.iter().map(|row| source.reading.inputs().iter().map(|name| row[*name].clone()).collect());
    let question = PredictQuestion::of_rows(&source.reading, cells.collect(), 1).map_err(Error::invalid)?;
    let answer = ask(core, &artifact, model.live_seq, question).await?;
    let answers = answer.and_then(|answer| answer.rows().ok_or_else(Unanswered::of_another_kind));
    let answers = answers.map_err(|reason| reason.of(key, artifact.version))?;
    let noted = inputs.into_iter().zip(&answers).map(|(inputs, answer)| Noted {
        inputs: inputs.into_iter().map(|(name, cell)| (name.to_owned(), cell.into())).collect(),
        output: json!({ "value": answer.value, "label": answer.label }),
    });
    let ids = core.log.note(key, artifact.version, Kind::Row, noted.collect())?;
    let view = |(id, RowAnswer { value, label, interval }): (PredictionId, RowAnswer)| PredictionView {
        id: id.into_untyped_uuid(),
        value,
        label,
        interval,
    };
    let predictions = ids.into_iter().zip(answers).map(view).collect();
    Ok(PredictionsView { model: key.to_string(), version: artifact.version.to_string(), predictions })
}

/// Says what a user may like: one the version knows, or one with ratings in the call or in the data set.
async fn recommend(core: &Core, key: &ModelKey, request: RecommendRequest) -> Result<RecommendationsView> {
    let n = request.n.unwrap_or(10);
    if n == 0 || n > LONGEST_LIST {
        return Err(Error::invalid(format!("n = {n}: ask for 1 to {LONGEST_LIST} items")));
    }
    let Live { model, artifact, source } = live(core, key).await?;
    let Reading::Ratings(columns) = &source.reading else {
        return Err(Error::invalid(format!("{key} is no recommender: ask it to predict rows")));
    };
    // What the version was not given, or held out, is folded in; what it knows already changes nothing.
    let mut ratings = user_ratings::of(core, &source.dataset, columns, &request.user).await?;
    let stored = ratings.len();
    ratings.extend(given::checked(&request.ratings)?);
    let ratings: Vec<(String, f64)> = ratings.into_iter().collect();
    let inputs = [("user", json!(request.user)), ("n", json!(n)), ("ratings", json!(ratings))];
    let question = PredictQuestion::List { user: request.user.clone(), ratings, n };
    match ask(core, &artifact, model.live_seq, question).await?.map_err(|reason| reason.of(key, artifact.version))? {
        Prediction::List { known, items, scale, unknown } => {
            if let Some(scale) = scale {
                given::on_scale(&request.ratings, scale).map_err(|reason| reason.of(key, artifact.version))?;
            }
            Ok(RecommendationsView {
                id: noted_list(core, key, artifact.version, inputs, &items)?,
                model: key.to_string(),
                version: artifact.version.to_string(),
                user: request.user,
                known,
                stored: stored as u64,
                unknown_items: given::of_these(&request.ratings, unknown),
                items: items.into_iter().map(ListedItemView::from).collect(),
            })
        }
        Prediction::Forecast(_)
        | Prediction::Texts { .. }
        | Prediction::Records { .. }
        | Prediction::Ratings { .. } => Err(Unanswered::of_another_kind().of(key, artifact.version)),
    }
}

/// Notes a list as one prediction.
fn noted_list(
    core: &Core,
    key: &ModelKey,
    version: VersionNumber,
    inputs: [(&str, Value); 3],
    items: &[ListedItem],
) -> Result<Uuid> {
    let inputs = inputs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let output = items.iter().map(|item| json!([item.item, item.rating])).collect();
    let ids = core.log.note(key, version, Kind::List, vec![Noted { inputs, output }])?;
    ids.first().map(|id| id.into_untyped_uuid()).ok_or_else(|| Error::refused("the list was not noted"))
}

/// What each row is predicted from, by column: the cells as texts, however they were written.
fn inputs<'a>(
    reading: &'a Reading,
    rows: &[BTreeMap<String, Value>],
) -> Result<Vec<BTreeMap<&'a str, Option<String>>>> {
    let cell = |row: &BTreeMap<String, Value>, number: u64, name: &'a str| match row.get(name) {
        None | Some(Value::Null) => Ok((name, None)),
        Some(Value::String(text)) => Ok((name, Some(text.clone()))),
        Some(Value::Number(number)) => Ok((name, Some(number.to_string()))),
        Some(Value::Bool(flag)) => Ok((name, Some(flag.to_string()))),
        Some(Value::Array(_) | Value::Object(_)) => {
            Err(Error::invalid(format!("row {number}: {name} is neither a text nor a number")))
        }
    };
    let of = |(row, number): (&BTreeMap<String, Value>, u64)| {
        reading.inputs().into_iter().map(|name| cell(row, number, name)).collect()
    };
    columns::complete(reading, rows.iter().flat_map(|row| row.keys().map(String::as_str))).map_err(Error::invalid)?;
    rows.iter().zip(1..).map(of).collect()
}

/// A model that can be asked.
pub(crate) struct Live {
    pub(crate) model: Model,
    pub(crate) artifact: ArtifactRef,
    /// What the live version reads: its own, whatever the model's is by now.
    pub(crate) source: Source,
}

pub(crate) async fn live(core: &Core, key: &ModelKey) -> Result<Live> {
    let mut view = core.db.snapshot().await?;
    let model = model::find(&mut view, key).await?;
    if model.source.is_none() {
        return Err(Error::invalid(format!("{key} forecasts prices: ask for a forecast of its symbol")));
    }
    let live = match model.live {
        Some(number) => db::serving::get(&mut view, key, number).await?,
        None => None,
    };
    match live {
        Some(Serving { artifact, source: Some(own) }) => {
            let other = model.source.clone().filter(|_| core.fault.has(Mutant::ModelSchemaServes));
            Ok(Live { model, artifact, source: other.unwrap_or(own) })
        }
        Some(Serving { source: None, .. }) | None => {
            Err(Error::refused(format!("{key} has no live version yet: train it first")))
        }
    }
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// In the words of the predictor that was asked.
    #[error("{0}")]
    Cannot(String),
    /// A predictor has taken it and has to load the version first.
    #[error("a worker is still loading it")]
    Loading,
    /// There is no predictor: it was not asked.
    #[error("no live worker could answer; `refit-worker run` starts one")]
    Nobody,
    /// No predictor has said anything.
    #[error("no worker answered within {0} s; `refit workers` shows which are alive")]
    Silence(u64),
}

impl Unanswered {
    /// The answer was about something else.
    fn of_another_kind() -> Self {
        Self::Cannot("its answer is of another kind".into())
    }

    /// As an answer to whoever wanted a prediction of this version.
    fn of(self, key: &ModelKey, version: VersionNumber) -> Error {
        match self {
            Self::Cannot(reason) => Error::refused(format!("{key} {version} could not answer: {reason}")),
            Self::Loading => Error::Unavailable { reason: format!("a worker is still loading {key} {version}") },
            silence @ (Self::Nobody | Self::Silence(_)) => {
                Error::Unavailable { reason: format!("{key} {version}: {silence}") }
            }
        }
    }
}

/// Has a predictor load the live version of a model, unless one has it loaded.
pub(crate) async fn warm(core: &Core, key: &ModelKey) -> Result<VersionNumber> {
    let Live { model, artifact, source } = live(core, key).await?;
    // About no rows: all there is to do is to load.
    let question = PredictQuestion::of_rows(&source.reading, Vec::new(), 1).map_err(Error::invalid)?;
    ask(core, &artifact, model.live_seq, question).await?.map_err(|reason| reason.of(key, artifact.version))?;
    Ok(artifact.version)
}

/// Asks the predictors, and waits until the deadline; not where it is known that there are none.
pub(crate) async fn ask(
    core: &Core,
    artifact: &ArtifactRef,
    live_seq: u64,
    question: PredictQuestion,
) -> Result<std::result::Result<Prediction, Unanswered>> {
    if core.fleet().is_deserted() {
        return Ok(Err(Unanswered::Nobody));
    }
    let within = core.settings.coordinator.predict_within;
    let request = PredictRequest {
        id: Uuid::new_v4(),
        asker: core.id,
        artifact: artifact.clone(),
        live_seq,
        question,
        left_ms: within.as_millis().try_into().unwrap_or(u64::MAX),
    };
    let expected = core.answers.expect(request.id);
    core.ports.bus.post(Mailbox::Predictors, codec::encode(&request)?).await?;
    Ok(match expected.within(within).await {
        Reply::Answer(Ok(answer)) => {
            core.answers.note_answer(artifact.manifest);
            Ok(answer)
        }
        Reply::Answer(Err(reason)) => Err(Unanswered::Cannot(reason)),
        Reply::Loading => Err(Unanswered::Loading),
        Reply::Silence => Err(Unanswered::Silence(within.as_secs())),
    })
}
