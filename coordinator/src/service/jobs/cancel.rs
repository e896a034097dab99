//! Cancelling: the row says that it is wanted, the seal decides whether it still can be.

use common::vocabulary::{JobId, JobState, Seal};
use domain::answer::RequestAnswer;
use domain::transition::{Command, Rejected};
use tokio::time::Instant;

use super::lifecycle;
use crate::db::{self, jobs::Job};
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, Refit};
use crate::views::CancelAnswer;
use crate::wording;

impl Refit {
    /// Cancels a job, and says what came of that: a result that was sealed first is kept, and not promoted.
    ///
    /// # Errors
    /// There is no such job, or it has already ended.
    pub async fn cancel(&self, id: JobId) -> Result<CancelAnswer> {
        cancel(&self.core, id).await
    }
}

/// Whether the store has not decided yet between the result of a job and its cancellation.
async fn is_open(core: &Core, job: &Job) -> bool {
    let Some(attempt) = job.open_attempt() else { return false };
    let seal = artifact::seal(core.ports.store.as_ref(), job.id, attempt).await;
    !matches!(seal, Ok(Some(Seal::Result { .. })))
}

/// Cancels a job, and says what came of it.
pub(crate) async fn cancel(core: &Core, id: JobId) -> Result<CancelAnswer> {
    let asked = Instant::now();
    let before = db::jobs::get(&mut *core.db.read().await?, id).await?;
    let before = before.ok_or_else(|| Error::not_found(format!("job {id}")))?;
    let holder = before.holder();
    if let Some(claim) = holder {
        core.slot_releases.watch(claim, asked);
    }
    let done = lifecycle::command(core, id, Command::Cancel).await;
    let after = db::jobs::get(&mut *core.db.read().await?, id).await?;
    let after = after.ok_or_else(|| Error::not_found(format!("job {id}")))?;
    let stopping = holder.filter(|_| after.state() == JobState::Cancelled);
    if let (Some(claim), None) = (holder, stopping) {
        core.slot_releases.forget(claim);
    }
    match done? {
        Ok(()) => {}
        Err(Rejected::NotNow(state)) => {
            return Err(Error::refused(format!("job {id} has already ended: it is {state}")));
        }
        Err(rejected) => return Err(Error::refused(format!("job {id} cannot be cancelled: {rejected}"))),
    }
    let outcome = match (after.state(), stopping) {
        (JobState::Cancelled, Some(_)) => RequestAnswer::CancelledAndStopping,
        (JobState::Cancelled, None) => RequestAnswer::Cancelled,
        (_, _) if is_open(core, &after).await => RequestAnswer::BeingCancelled,
        (_, _) => RequestAnswer::TooLateToCancel,
    };
    Ok(CancelAnswer {
        job: present::job(core, id).await?,
        outcome: wording::text(&outcome),
        stopping: stopping.is_some(),
    })
}
