//! A model explained.

use std::slice;

use chrono::{DateTime, TimeDelta, Utc};
use common::vocabulary::{JobState, Mode, ModelKey, Timestamp};
use domain::estimate::{self, Basis, Duration, Took};

use super::evaluate::{self, PlanningRequest};
use crate::db::decisions::DecisionRecord;
use crate::db::{self, pages};
use crate::service::error::Result;
use crate::service::facts;
use crate::service::present;
use crate::service::runtime::{Core, Refit, backlogs, scaling};
use crate::views::{DecisionView, DurationView, ExplanationView, JobView};

/// Changes of decisions that are shown.
const CHANGES: u32 = 5;
/// Versions that are shown.
const VERSIONS: u32 = 3;

impl Refit {
    /// Why a model was or was not retrained, what would change that, where its job stands and when it will probably start and end, and what
    /// the judges said. Changes nothing.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn explain(&self, key: &ModelKey) -> Result<ExplanationView> {
        explain(&self.core, key).await
    }
}

async fn explain(core: &Core, key: &ModelKey) -> Result<ExplanationView> {
    let now = Timestamp::now();
    let mut known = facts::one(&mut *core.db.snapshot().await?, key, &core.settings, now).await?;
    evaluate::overlook(core, slice::from_mut(&mut known));
    let request = PlanningRequest::default();
    evaluate::look_closer(core, &mut known, &request, now).await?;
    let outcome = evaluate::plan(&known, &request, &core.settings, now);
    let decision = DecisionRecord::new(key, &outcome.decision, &outcome.priority, outcome.data, now);

    let job = match known.facts.active_job {
        Some(id) => Some(present::job(core, id).await?),
        None => None,
    };
    let mode = job.as_ref().and_then(|job| job.mode.as_deref()).map(str::parse).transpose()?;
    let mut view = core.db.snapshot().await?;
    let before = db::durations::trainings(&mut view, key).await?;
    let versions = pages::versions::behind(&mut view, key, None, VERSIONS).await?;
    let live = pages::ledger::behind(&mut view, key, None, 1).await?.pop();
    let changes = db::decisions::newest_changes(&mut view, key, CHANGES).await?;
    drop(view);
    let mode = mode.or(outcome.decision.mode);
    let learned = mode.and_then(|mode| known.facts.prices.of(mode)).map(|price| Duration {
        seconds: price.seconds,
        trainings: price.trainings,
        basis: Basis::Learned,
    });
    let estimate = match learned.or_else(|| estimate::duration(&compared(&before, key, mode))) {
        Some(took) => Some(estimated(core, took, job.as_ref(), now).await?),
        None => None,
    };
    Ok(ExplanationView {
        model: key.to_string(),
        decision: DecisionView { job: job.as_ref().map(|job| job.id), ..decision.into() },
        changes: changes.into_iter().map(DecisionView::from).collect(),
        job,
        estimate,
        versions: versions.into_iter().map(present::version_summary).collect(),
        live: live.map(present::ledger_entry),
    })
}

/// Trainings that have been, as an estimate reads them: of other families they say nothing.
fn compared(before: &[db::durations::Trained], key: &ModelKey, mode: Option<Mode>) -> Vec<Took> {
    let of_family = before.iter().filter(|one| one.model.folder() == key.folder());
    let took = |one: &db::durations::Trained| Took {
        own: one.model == *key,
        same_mode: mode.is_none() || one.mode == mode,
        seconds: one.seconds,
    };
    of_family.map(took).collect()
}

/// When a job will probably start and end.
async fn estimated(core: &Core, took: Duration, job: Option<&JobView>, now: Timestamp) -> Result<DurationView> {
    let (mut starts_at, mut ends_at) = (None, None);
    let after = |at: DateTime<Utc>| at + TimeDelta::milliseconds((took.seconds * 1e3) as i64);
    if let Some(job) = job {
        match job.state.parse()? {
            JobState::Queued => {
                let pool = backlogs::dispatch_pool(core, &job.pool.parse()?);
                let scaling = scaling::of(core, &pool).await?;
                // What waits for somebody to do something has no turn.
                let position = job.position.filter(|_| job.blocked.is_none());
                let (slots, free) = (scaling.capacity.into(), scaling.free.into());
                let wait = position.and_then(|position| estimate::turn(position, slots, free, took.seconds));
                starts_at = wait.map(|seconds| now.plus_seconds(seconds).utc());
                ends_at = starts_at.map(after);
            }
            // What takes longer than expected ends any moment.
            JobState::Running => ends_at = job.started_at.map(|at| after(at).max(now.utc())),
            JobState::Dispatched | JobState::Judging => ends_at = Some(after(now.utc())),
            JobState::Completed | JobState::Failed | JobState::Cancelled => {}
        }
    }
    let Duration { seconds, trainings, basis } = took;
    Ok(DurationView { seconds, trainings, basis, starts_at, ends_at })
}
