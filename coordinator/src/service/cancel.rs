//! Cancelling: the row says that it is wanted, the seal decides whether it still can be.

use common::vocabulary::{JobId, JobState};
use tokio::time::Instant;

use super::core::Core;
use super::{Error, Result, freed, life, show};
use crate::db;
use crate::domain::transition::{Command, Rejected};
use crate::views::CancelAnswer;

/// Cancels a job, and says what came of it.
pub(super) async fn cancel(core: &Core, id: JobId) -> Result<CancelAnswer> {
    let asked = Instant::now();
    let before = db::jobs::get(&mut *core.db.read().await?, id).await?;
    let before = before.ok_or_else(|| Error::not_found(format!("job {id}")))?;
    let holder = before.holder();
    if let Some(claim) = holder {
        freed::watch(core, claim, asked);
    }
    let done = life::command(core, id, Command::Cancel).await;
    let after = db::jobs::get(&mut *core.db.read().await?, id).await?.map(|job| job.state());
    let stopping = holder.filter(|_| after == Some(JobState::Cancelled));
    if let (Some(claim), None) = (holder, stopping) {
        freed::forget(core, claim);
    }
    match done? {
        Ok(()) => {}
        Err(Rejected::NotNow(state)) => {
            return Err(Error::refused(format!("job {id} has already ended: it is {state}")));
        }
        Err(rejected) => return Err(Error::refused(format!("job {id} cannot be cancelled: {rejected}"))),
    }
    let outcome = match (after, stopping) {
        (Some(JobState::Cancelled), Some(_)) => "cancelled; its worker has been told to stop",
        (Some(JobState::Cancelled), None) => "cancelled",
        (Some(_) | None, _) => "too late: its result was sealed first; it is recorded and will not be promoted",
    };
    Ok(CancelAnswer { job: show::job(core, id).await?, outcome: outcome.into(), stopping: stopping.is_some() })
}
