//! Jobs as they are shown: place in the line, why they wait, how they went.

use common::vocabulary::{JobId, JobKind, JobState, Timestamp};
use newtype_uuid::GenericUuid;

use super::line::Line;
use crate::db::{
    self,
    attempts::{Attempt, Ended},
    batches::Batch,
    jobs::{Alike, Job},
    versions::Version,
};
use crate::service::error::{Error, Result};
use crate::service::runtime::{Core, Refit};
use crate::views::{AttemptView, BatchView, BlockedView, ComparisonView, CurveView, JobView, TermView};

impl Refit {
    /// One job.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn job(&self, id: JobId) -> Result<JobView> {
        one(&self.core, id).await
    }
}

/// One job.
pub(crate) async fn one(core: &Core, id: JobId) -> Result<JobView> {
    let mut view = core.db.snapshot().await?;
    let job = db::jobs::get(&mut view, id).await?.ok_or_else(|| Error::not_found(format!("job {id}")))?;
    let line = Line::read(core, &mut view, std::slice::from_ref(&job)).await?;
    let ended = db::attempts::of(&mut view, &[id]).await?.remove(&id).unwrap_or_default();
    let version = db::versions::of_job(&mut view, id).await?;
    let batch = match job.kind {
        JobKind::Predict => db::batches::of_jobs(&mut view, &[id]).await?.remove(&id),
        JobKind::Train | JobKind::Evaluate | JobKind::Monitor | JobKind::Probe => None,
    };
    let progress = core.progress().get(&id).cloned();
    Ok(JobView { batch: batch.map(BatchView::from), ..present(&line, job, ended, version, progress) })
}

fn present(
    line: &Line,
    job: Job,
    ended: Vec<Ended>,
    version: Option<Version>,
    progress: Option<crate::views::ProgressView>,
) -> JobView {
    let waiting = line.waiting(&job);
    let state = job.state().to_string();
    let running = job.state() == JobState::Running;
    let waits = job.state() == JobState::Queued;
    let position = line.place_of(&job);
    let why = line.why(&job);
    let blocked = line.blocked(&job).map(BlockedView::from);
    let under_way = job.under_way();
    let mut terms: Vec<TermView> = job.terms.iter().map(TermView::from).collect();
    terms.extend(waiting.map(|points| TermView { name: "waiting".into(), points }));
    JobView {
        id: job.id.into_untyped_uuid(),
        kind: job.kind.to_string(),
        model: job.model.map(String::from),
        mode: job.mode.map(|mode| mode.to_string()),
        pool: job.pool.to_string(),
        stand_in: job.stand_in.filter(|_| !waits).map(String::from),
        preemptions: job.life.preemptions,
        slot_free_seconds: job.freed_after,
        state,
        score: job.score + waiting.unwrap_or(0.0),
        terms,
        position,
        why,
        blocked,
        enqueued_at: job.enqueued_at.utc(),
        as_of: job.as_of.utc(),
        started_at: job.started_at.map(Timestamp::utc),
        ended_at: job.ended_at.map(Timestamp::utc),
        attempts: attempts(ended, under_way),
        progress: progress.filter(|_| running),
        curve: job.curve.iter().map(CurveView::from).collect(),
        reproduces: job.reproduces.map(|number| number.to_string()),
        version: version.as_ref().map(|v| v.number.to_string()),
        verdict: version.and_then(|v| v.verdict),
        comparison: job.comparison.map(ComparisonView::from),
        batch: None,
    }
}

impl From<Batch> for BatchView {
    fn from(batch: Batch) -> Self {
        Self {
            version: batch.version.to_string(),
            rows: batch.rows,
            output: batch.output.map(|output| output.to_string()),
        }
    }
}

impl From<Alike> for ComparisonView {
    fn from(Alike { of, identical, loss_difference, text }: Alike) -> Self {
        Self { of: of.to_string(), identical, loss_difference, text }
    }
}

fn attempts(ended: Vec<Ended>, under_way: Option<Attempt>) -> Vec<AttemptView> {
    let view = |attempt: Attempt| AttemptView {
        number: attempt.number,
        worker: attempt.worker.map(|id| id.into_untyped_uuid()),
        started_at: attempt.started_at.map(Timestamp::utc),
        ended_at: None,
        outcome: None,
        message: None,
        resumed_from: attempt.resumed_from,
    };
    let over = |ended: Ended| AttemptView {
        ended_at: Some(ended.at.utc()),
        outcome: Some(ended.outcome),
        message: ended.message,
        ..view(ended.attempt)
    };
    ended.into_iter().map(over).chain(under_way.map(view)).collect()
}
