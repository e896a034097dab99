//! Batch predictions: a file of rows goes through the backlog as a job, and comes back as a file of answers.
//!
//! ```text
//! CSV ─► spool ─► parts in the store ─► the backlog ─► a worker ─► predictions/<hash>.parquet ─► CSV
//! ```
//!
//! They leave no seal: what is lost is done again, by the same version, and leaves the same file.

mod output;
mod parts;
pub(crate) mod rows;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use common::ports::StoreKey;
use common::vocabulary::{ContentHash, JobId, JobKind, JobSpec, ModelKey, Pool, PredictSpec};
use domain::score::{self, TermKind};
use futures::Stream;
use serde_json::json;
use tokio::io::AsyncRead;

use super::predict::{Live, live};
use super::predictions::{Kind, Noted};
use crate::db::{self, batches::Batch, jobs::Job, terms::TermRecord};
use crate::service::data::import::table::spool;
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::runtime::backlogs::Outlook;
use crate::service::runtime::store::keep;
use crate::service::runtime::{Core, Refit, job_telemetry};
use crate::service::state::transfers::Limited;
use crate::views::{BatchPredictRequest, JobView};
use crate::wording;

/// The position in the backlog of a batch, unless it is asked for otherwise: that of anything else.
const SCORE: f64 = 50.0;

impl Refit {
    /// Takes in rows as CSV, to be predicted by the live version of a model, as a job. The version is that of now, whatever goes
    /// live while the job waits.
    ///
    /// # Errors
    /// No such model, one without a live version, or rows it cannot read.
    pub async fn predict_batch(
        &self,
        key: &ModelKey,
        request: BatchPredictRequest,
        source: impl AsyncRead + Send + Unpin,
    ) -> Result<JobView> {
        enqueue(&self.core, key, request, source).await
    }

    /// What a batch prediction said, as CSV: `row,prediction`, `label` for classifiers, and `id`, by which the outcome of
    /// a row can be told.
    ///
    /// # Errors
    /// No such job, one that predicts nothing or has not ended well, one so old that its predictions are not kept any more, or so
    /// many outputs are being sent that this one has to wait. The stream: the file cannot be read, or nobody took of it for too long.
    pub async fn batch_output(&self, id: JobId) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>> {
        output::csv(&self.core, id).await
    }
}

async fn enqueue(
    core: &Arc<Core>,
    key: &ModelKey,
    request: BatchPredictRequest,
    source: impl AsyncRead + Send + Unpin,
) -> Result<JobView> {
    let Live { artifact, source: from, .. } = live(core, key).await?;
    let version = artifact.version;
    let score = score::given(request.priority.unwrap_or(SCORE)).map_err(Error::invalid)?;
    let pool: Pool = request.pool.map_or_else(|| Ok(core.settings.coordinator.pool.clone()), |pool| pool.parse())?;
    if let Some(reason) = Outlook::now(core).never(&pool, &Default::default()) {
        return Err(Error::refused(wording::text(&reason)));
    }
    let _until_it_is_queued = core.transfers.import()?;
    let file = spool::spool(&core.settings.data_dir, Limited::new(source, &core.settings.import)).await?;
    let (parts, removed) = parts::freeze(core, &from.reading, file).await?;
    let spec = PredictSpec { model: key.clone(), artifact, reading: from.reading, parts };
    let rows = spec.rows();
    let names: Vec<StoreKey> = spec.files().iter().map(StoreKey::snapshot).collect();
    let aging = core.settings.priority.aging_interval.as_secs_f64();
    let mut job = Job {
        model: Some(key.clone()),
        terms: vec![TermRecord::new(TermKind::BatchPrediction, score)],
        data_rows: rows,
        spec: Some(JobSpec::Predict(Box::new(spec))),
        ..Job::entering(JobKind::Predict, pool, score, aging)
    };
    job.trace = job_telemetry::decided(&job);
    let mut tx = core.db.begin().await?;
    keep::keep_or_fail(&mut tx, &names, &removed).await?;
    db::jobs::insert(&mut tx, &[&job]).await?;
    db::batches::insert(&mut tx, &Batch { job: job.id, version, rows, output: None }).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.backlog_changed.notify_one();
    core.events.job(&job);
    present::job(core, job.id).await
}

/// A worker has left the predictions of a job in the store. Known before the job is said to be done: no end without its file.
/// `false`: a cleanup has removed an earlier file of the same predictions meanwhile, so that they must be made again.
pub(crate) async fn predicted(core: &Core, id: JobId, output: ContentHash) -> Result<bool> {
    let key = StoreKey::predictions(&output);
    let Some(removed) = keep::written(core, &key).await? else { return Ok(false) };
    let mut tx = core.db.begin().await?;
    if !keep::keep(&mut tx, &[key], &removed).await? {
        return Ok(false);
    }
    let is_new = db::batches::set_output(&mut tx, id, output).await?;
    let (job, mut batches) = (db::jobs::get(&mut tx, id).await?, db::batches::of_jobs(&mut tx, &[id]).await?);
    tx.commit().await.map_err(db::Error::from)?;
    let spec = job.and_then(|job| job.spec);
    if let (true, Some(JobSpec::Predict(spec)), Some(batch)) = (is_new, spec, batches.remove(&id)) {
        let parts = spec.files();
        let inputs = [("job".to_owned(), json!(id)), ("parts".to_owned(), json!(parts))].into();
        let noted = Noted { inputs, output: json!({ "rows": batch.rows, "sha256": output }) };
        core.log.note(&spec.model, batch.version, Kind::Batch, vec![noted])?;
    }
    Ok(true)
}
