//! Online predictions: the live version answers. The coordinator runs no models; a predictor of some worker is asked over the bus,
//! past the line of jobs.

use std::collections::BTreeMap;
use std::time::Duration;

use common::ports::Mailbox;
use common::vocabulary::{ModelKey, RatingColumns, Reading, Source, Timestamp};
use common::wire::codec::{self, Limits};
use common::wire::{PredictAnswer, PredictQuestion, PredictRequest, Prediction};
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::core::Core;
use super::{Error, Result, model, taste};
use crate::db::{self, models::Model, versions::Version};
use crate::views::{
    ListedItemView, PredictRowsRequest, PredictionView, PredictionsView, RecommendRequest, RecommendationsView,
};

/// Most rows of one question.
const MOST_ROWS: usize = 10_000;
/// Longest list.
const LONGEST_LIST: u32 = 1_000;
/// How often the answer's cell is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Predicts for rows, in their order.
pub(super) async fn rows(core: &Core, key: &ModelKey, request: PredictRowsRequest) -> Result<PredictionsView> {
    if request.rows.is_empty() || request.rows.len() > MOST_ROWS {
        return Err(Error::invalid(format!("give 1 to {MOST_ROWS} rows")));
    }
    let Live { model, version, source } = live(core, key).await?;
    let question = match &source.reading {
        Reading::Texts(columns) => PredictQuestion::Texts { texts: cells(&request.rows, &columns.text)? },
        Reading::Ratings(RatingColumns { user, item, .. }) => {
            let users = cells(&request.rows, user)?;
            PredictQuestion::Ratings { pairs: users.into_iter().zip(cells(&request.rows, item)?).collect() }
        }
        Reading::Records(_) => PredictQuestion::Records { rows: whole(&request.rows)? },
    };
    let answer = ask(core, &version, model.live_seq, question).await?;
    let predictions = match answer.map_err(|why| unanswered(key, &version, &why))? {
        Prediction::Texts { texts } => texts
            .into_iter()
            .map(|text| PredictionView { value: text.probability, label: Some(text.label), interval: None })
            .collect(),
        Prediction::Records { records } => records
            .into_iter()
            .map(|record| PredictionView { value: record.value, label: record.label, interval: record.interval })
            .collect(),
        Prediction::Ratings { ratings } => {
            ratings.into_iter().map(|rating| PredictionView { value: rating, label: None, interval: None }).collect()
        }
        other @ (Prediction::Forecast(_) | Prediction::List { .. }) => {
            return Err(unanswered(key, &version, &format!("its answer is of another kind: {other:?}")));
        }
    };
    Ok(PredictionsView { model: key.to_string(), version: version.number.to_string(), predictions })
}

/// Says what a user may like: one the version knows, or one with ratings in the call or in the data set.
pub(super) async fn recommend(core: &Core, key: &ModelKey, request: RecommendRequest) -> Result<RecommendationsView> {
    let n = request.n.unwrap_or(10);
    if n == 0 || n > LONGEST_LIST {
        return Err(Error::invalid(format!("n = {n}: ask for 1 to {LONGEST_LIST} items")));
    }
    let Live { model, version, source } = live(core, key).await?;
    let Reading::Ratings(columns) = &source.reading else {
        return Err(Error::invalid(format!("{key} is no recommender: ask it to predict rows")));
    };
    // What the version was not given, or held out, is folded in; what it knows already changes nothing.
    let mut ratings = taste::of(core, &source.dataset, columns, &request.user).await?;
    let stored = ratings.len();
    for given in &request.ratings {
        ratings.insert(given.item.clone(), given.value);
    }
    let ratings = ratings.into_iter().collect();
    let question = PredictQuestion::List { user: request.user.clone(), ratings, n };
    match ask(core, &version, model.live_seq, question).await?.map_err(|why| unanswered(key, &version, &why))? {
        Prediction::List { known, items } => Ok(RecommendationsView {
            model: key.to_string(),
            version: version.number.to_string(),
            user: request.user,
            known,
            stored: stored as u64,
            items: items.into_iter().map(ListedItemView::from).collect(),
        }),
        other @ (Prediction::Forecast(_)
        | Prediction::Texts { .. }
        | Prediction::Records { .. }
        | Prediction::Ratings { .. }) => {
            Err(unanswered(key, &version, &format!("its answer is of another kind: {other:?}")))
        }
    }
}

/// A model that can be asked.
struct Live {
    model: Model,
    version: Version,
    source: Source,
}

async fn live(core: &Core, key: &ModelKey) -> Result<Live> {
    let mut view = core.db.snapshot().await?;
    let model = model::known(&mut view, key).await?;
    let Some(source) = model.source.clone() else {
        return Err(Error::invalid(format!("{key} forecasts prices: ask for a forecast of its symbol")));
    };
    let version = match model.live {
        Some(number) => db::versions::get(&mut view, key, number).await?,
        None => None,
    };
    let version = version.ok_or_else(|| Error::refused(format!("{key} has no live version yet: train it first")))?;
    Ok(Live { model, version, source })
}

/// The cells of one column, as texts: ids may be numbers.
fn cells(rows: &[BTreeMap<String, Value>], column: &str) -> Result<Vec<String>> {
    let cell = |(row, number): (&BTreeMap<String, Value>, usize)| match row.get(column) {
        Some(value) => text(value, column, number),
        None => Err(Error::invalid(format!("row {number} has no {column}"))),
    };
    rows.iter().zip(1..).map(cell).collect()
}

/// All cells, as texts; nothing is a missing value.
fn whole(rows: &[BTreeMap<String, Value>]) -> Result<Vec<BTreeMap<String, String>>> {
    let row = |(row, number): (&BTreeMap<String, Value>, usize)| {
        row.iter().map(|(column, value)| Ok((column.clone(), text(value, column, number)?))).collect()
    };
    rows.iter().zip(1..).map(row).collect()
}

fn text(value: &Value, column: &str, row: usize) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(value) => Ok(value.to_string()),
        Value::Bool(yes) => Ok(yes.to_string()),
        Value::Null => Ok(String::new()),
        Value::Array(_) | Value::Object(_) => {
            Err(Error::invalid(format!("row {row}: {column} is neither a text nor a number")))
        }
    }
}

fn unanswered(key: &ModelKey, version: &Version, why: &str) -> Error {
    Error::refused(format!("{key} {} could not answer: {why}", version.number))
}

/// Asks the predictors, and waits until the deadline. The inner error is in the words of whoever could not answer.
pub(super) async fn ask(
    core: &Core,
    version: &Version,
    live_seq: u64,
    question: PredictQuestion,
) -> Result<std::result::Result<Prediction, String>> {
    let within = core.settings.coordinator.predict_within;
    let request = PredictRequest {
        id: Uuid::new_v4(),
        artifact: version.artifact(),
        live_seq,
        question,
        deadline: Timestamp::now().plus_seconds(within.as_secs_f64()),
    };
    let cell = format!("predict/{}", request.id);
    let until = Instant::now() + within;
    core.ports.bus.post(Mailbox::Predictors, codec::encode(&request)?).await?;
    while Instant::now() < until {
        if let Some(bytes) = core.ports.bus.get(&cell).await? {
            return Ok(codec::decode::<PredictAnswer>(&bytes, Limits::default())?.prediction);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(Err(format!("no predictor answered within {} s: is a worker running?", within.as_secs())))
}
