//! Runs that wait for trainings.

use common::vocabulary::{JobState, Timestamp};
use domain::schedule::{RunOutcome, RunState, TrainingsEnded};

use crate::db::{self, schedule_runs::Run};
use crate::service::error::Result;
use crate::service::runtime::Core;

/// Ends a run if all its trainings have ended.
pub(super) async fn look(core: &Core, mut run: Run) -> Result<()> {
    let found = db::schedule_runs::trainings(&mut *core.db.read().await?, run.id).await?;
    let of = |state: JobState| found.states.get(state.as_str()).copied().unwrap_or_default();
    let (completed, failed, cancelled) = (of(JobState::Completed), of(JobState::Failed), of(JobState::Cancelled));
    let trainings: u64 = found.states.values().sum();
    if completed + failed + cancelled < trainings {
        return Ok(());
    }
    let (skipped, refused, refusal) = match run.outcome {
        Some(RunOutcome::Requested { skipped, refused, refusal, .. }) => (skipped, refused, refusal),
        Some(_) | None => (0, 0, None),
    };
    let not_promoted = completed.saturating_sub(found.promoted);
    let promoted = found.promoted;
    run.state = if failed > 0 { RunState::Failed } else { RunState::Completed };
    run.ended_at = Some(Timestamp::now());
    run.outcome = Some(RunOutcome::Trained(TrainingsEnded {
        trainings,
        promoted,
        not_promoted,
        failed,
        cancelled,
        skipped,
        refused,
        refusal,
    }));
    let mut tx = core.db.begin().await?;
    db::schedule_runs::save(&mut tx, &run).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}
