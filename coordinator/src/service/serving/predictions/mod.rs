//! The log of predictions: what was served, what came of it, and how it is shown.
//!
//! ```text
//! predict, recommend, forecast ─► note ─► [channel] ─► log::Writer ─► predictions      label ─► import ─► the data set's log
//!                                                                       ▲                      │
//!                                                                       └──── outcome, loss ◄──┘
//! ```

mod entry;
mod label;
mod log;
mod sheet;

use common::vocabulary::{ModelKey, Timestamp};
use domain::served::scored_by;

pub(crate) use self::entry::{Inputs, Kind, Noted};
pub(crate) use self::log::Writer;
use crate::db::predictions::{PredictionEntry, Which};
use crate::db::{self, Database};
use crate::service::error::Result;
use crate::service::runtime::lookup::model;
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit};
use crate::views::{
    LabelRequest, LabelsReport, LoggedPredictionView, LoggedPredictionsView, PredictionFilter, ServedScoreView,
};

/// Entries removed in one transaction.
const REMOVED: u32 = 2_000;

impl Refit {
    /// A page of the predictions of a model, newest first, and, if asked for, how each version's have turned out.
    ///
    /// # Errors
    /// There is no such model, or the cursor or the limit makes no sense.
    pub async fn predictions(&self, key: &ModelKey, filter: PredictionFilter) -> Result<LoggedPredictionsView> {
        show(&self.core, key, filter).await
    }

    /// Takes in what came of rows that were predicted: each labelled row joins the model's data set, as any other row does.
    ///
    /// # Errors
    /// There is no such model, or none of the labels can be taken.
    pub async fn label(&self, key: &ModelKey, request: LabelRequest) -> Result<LabelsReport> {
        label::all(&self.core, key, request).await
    }
}

async fn show(core: &Core, key: &ModelKey, filter: PredictionFilter) -> Result<LoggedPredictionsView> {
    let list = format!("predictions {key} {}", filter.scored);
    let asked = PageRequest::new(list, filter.limit, filter.cursor.as_deref())?;
    core.log.written().await;
    let mut view = core.db.snapshot().await?;
    let model = model::find(&mut view, key).await?;
    let which = if filter.scored { Which::Labelled } else { Which::All };
    let entries = db::pages::predictions::behind(&mut view, key, which, asked.after, asked.rows()).await?;
    let reading = model.source.as_ref().map(|source| &source.reading).filter(|_| filter.scored);
    let scores = match reading {
        Some(_) => db::predictions::scores(&mut view, key).await?,
        None => Vec::new(),
    };
    let score = |score: db::predictions::Score| ServedScoreView {
        version: score.version.to_string(),
        served: score.served,
        labelled: score.labelled,
        loss: score.loss,
    };
    Ok(LoggedPredictionsView {
        model: key.to_string(),
        page: asked.page(entries, |entry| entry.served.id)?.try_map(entry)?,
        loss_name: reading.map(|reading| scored_by(reading).title().to_owned()),
        scores: scores.into_iter().map(score).collect(),
    })
}

fn entry(PredictionEntry { served, label }: PredictionEntry) -> Result<LoggedPredictionView> {
    let (labelled, loss) = label.map(|label| ((label.text, label.at.utc()), label.loss)).unzip();
    let (label, labelled_at) = labelled.unzip();
    Ok(LoggedPredictionView {
        id: newtype_uuid::GenericUuid::into_untyped_uuid(served.id),
        version: served.version.to_string(),
        at: served.at.utc(),
        kind: served.kind,
        inputs_hash: served.inputs_hash.to_string(),
        inputs: served.inputs.as_deref().map(serde_json::from_str).transpose()?,
        output: serde_json::from_str(&served.output)?,
        label,
        labelled_at,
        loss,
    })
}

/// The moment before which predictions are not kept any more.
pub(crate) fn kept_since(core: &Core) -> Timestamp {
    Timestamp::now().plus_seconds(-core.settings.predictions.kept_for.as_secs_f64())
}

/// Removes what is older, some at a time: how many there were.
pub(crate) async fn prune(db: &Database, since: Timestamp) -> Result<u64> {
    let mut removed = 0;
    loop {
        let mut tx = db.begin_lazily().await?;
        let round = db::predictions::remove_before(&mut tx, since, REMOVED).await?;
        tx.commit().await.map_err(db::Error::from)?;
        removed += round;
        if round < u64::from(REMOVED) {
            return Ok(removed);
        }
    }
}
