//! Jobs as they are shown: position in the backlog, why they wait, how they went.

use common::vocabulary::{JobId, JobKind, JobState, Timestamp};
use domain::job_reason::JobReason;
use domain::job_status::JobStatus;
use domain::score::TermKind;
use newtype_uuid::GenericUuid;

use super::backlog_snapshot::BacklogSnapshot;
use crate::db::{
    self,
    attempts::{Attempt, Ended},
    batches::Batch,
    jobs::{ComparisonRecord, Job},
    terms::TermRecord,
    versions::Version,
};
use crate::service::error::{Error, Result};
use crate::service::runtime::{Core, Refit};
use crate::views::{
    AttemptView, BatchView, BlockedView, ComparisonView, CurveView, JobView, TermView, ToldView, VerdictView,
};
use crate::wording;

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
    let backlog = BacklogSnapshot::read(core, &mut view, std::slice::from_ref(&job)).await?;
    let ended = db::attempts::of(&mut view, &[id]).await?.remove(&id).unwrap_or_default();
    let version = db::versions::of_job(&mut view, id).await?;
    let batch = match job.kind {
        JobKind::Predict => db::batches::of_jobs(&mut view, &[id]).await?.remove(&id),
        JobKind::Train | JobKind::Trial | JobKind::Evaluate | JobKind::Monitor | JobKind::Probe => None,
    };
    let progress = core.progress().get(&id).cloned();
    Ok(JobView { batch: batch.map(BatchView::from), ..present(&backlog, job, ended, version, progress) })
}

fn present(
    backlog: &BacklogSnapshot,
    job: Job,
    ended: Vec<Ended>,
    version: Option<Version>,
    progress: Option<crate::views::ProgressView>,
) -> JobView {
    let waiting = backlog.waiting(&job);
    let state = job.state().to_string();
    let running = job.state() == JobState::Running;
    let waits = job.state() == JobState::Queued;
    let position = backlog.position_of(&job);
    let status = backlog.status(&job);
    let why = in_words(status.as_ref(), job.reason.as_ref());
    let (standing, reason) = (status.as_ref().map(ToldView::of), job.reason.as_ref().map(ToldView::of));
    let blocked = backlog.blocked(&job).map(BlockedView::from);
    let under_way = job.under_way();
    let comparison = job.comparison.map(|kept| comparison(kept, reason.as_ref()));
    let waited = waiting.map(|points| TermRecord::new(TermKind::Waiting, points));
    let terms = job.terms.into_iter().chain(waited).map(TermView::from).collect();
    JobView {
        id: job.id.into_untyped_uuid(),
        kind: job.kind.to_string(),
        model: job.model.map(String::from),
        mode: job.mode.map(|mode| mode.to_string()),
        pool: job.pool.to_string(),
        stand_in: job.stand_in.filter(|_| !waits).map(String::from),
        preemptions: job.lifecycle.preemptions,
        slot_free_seconds: job.freed_after,
        state,
        score: job.score + waiting.unwrap_or(0.0),
        terms,
        position,
        why,
        standing,
        reason,
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
        verdict: version.and_then(|v| v.verdict).map(VerdictView::from),
        comparison,
        batch: None,
    }
}

/// Where a job stands, and what has happened to it before, or what came of it.
pub(super) fn in_words(status: Option<&JobStatus>, reason: Option<&JobReason>) -> String {
    match (status, reason) {
        (Some(status @ (JobStatus::HeldUp { .. } | JobStatus::Judging)), _) | (Some(status), None) => {
            wording::text(status)
        }
        (Some(status), Some(reason)) => format!("{} ({})", wording::text(status), wording::text(reason)),
        (None, reason) => reason.map(wording::text).unwrap_or_default(),
    }
}

fn comparison(kept: ComparisonRecord, reason: Option<&ToldView>) -> ComparisonView {
    let ComparisonRecord { of, identical, loss_difference, text } = kept;
    let text = if text.is_empty() { reason.map(|reason| reason.text.clone()).unwrap_or_default() } else { text };
    ComparisonView { of: of.to_string(), identical, loss_difference, text }
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
