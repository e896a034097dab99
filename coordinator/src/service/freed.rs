//! How long a cancelled job kept its slot: from the request until its worker's heartbeat shows that it holds it no more, or its lease
//! is over.
//!
//! Measured where the request was answered, on one clock. After a restart it is not known, and nothing depends on it.

use std::collections::HashSet;
use std::time::Duration;

use common::vocabulary::{JobId, WorkerId};
use common::wire::{Claim, Heartbeat, ToCoordinator};
use tokio::time::Instant;

use super::Result;
use super::core::Core;
use crate::db;

/// Heartbeats without the claim that show the slot to be free, where its end was not heard of.
const ABSENCES: u32 = 2;

/// A slot that was not freed by then is no longer waited for.
const GIVEN_UP: Duration = Duration::from_mins(10);

/// A slot that is waited for.
#[derive(Debug)]
pub(crate) struct Wait {
    job: JobId,
    worker: WorkerId,
    since: Instant,
    ended: bool,
    absences: u32,
}

/// The slot of this claim is wanted back since then.
pub(super) fn watch(core: &Core, claim: Claim, since: Instant) {
    let wait = Wait { job: claim.job, worker: claim.worker, since, ended: false, absences: 0 };
    core.freed().insert(claim.claim, wait);
}

/// Nobody cancelled it after all.
pub(super) fn forget(core: &Core, claim: Claim) {
    core.freed().remove(&claim.claim);
}

/// Looks for the end of claims whose slots are waited for in what a worker says.
pub(super) async fn overhear(core: &Core, message: &ToCoordinator) {
    if core.freed().is_empty() {
        return;
    }
    match message {
        ToCoordinator::Finished { ends } => {
            for end in ends {
                if let Some(wait) = core.freed().get_mut(&end.claim.claim) {
                    wait.ended = true;
                }
            }
        }
        ToCoordinator::Heartbeat(heartbeat) => {
            for (job, seconds) in free_in(core, heartbeat) {
                free(core, job, seconds).await;
            }
        }
        ToCoordinator::Claim { .. } | ToCoordinator::Declined { .. } | ToCoordinator::Progress(_) => {}
    }
}

/// A worker whose lease is over holds nothing any more: its slots went with it.
pub(super) async fn with_the_lost(core: &Core) {
    let waited_for: Vec<WorkerId> = core.freed().values().map(|wait| wait.worker).collect();
    let lost: HashSet<WorkerId> = {
        let fleet = core.fleet();
        // Of one that was never heard nothing is known here.
        waited_for.into_iter().filter(|worker| fleet.silence(*worker).is_some() && fleet.is_lost(*worker)).collect()
    };
    if lost.is_empty() {
        return;
    }
    let gone: Vec<Wait> =
        core.freed().extract_if(|_, wait| lost.contains(&wait.worker)).map(|(_, wait)| wait).collect();
    for Wait { job, since, .. } in gone {
        free(core, job, since.elapsed().as_secs_f64()).await;
    }
}

/// Keeps how long it took.
async fn free(core: &Core, job: JobId, seconds: f64) {
    match keep(core, job, seconds).await {
        Ok(()) => tracing::info!(%job, seconds, "the slot of the cancelled job is free"),
        Err(error) => tracing::warn!(%job, seconds, %error, "its slot is free; that cannot be kept"),
    }
}

async fn keep(core: &Core, job: JobId, seconds: f64) -> Result<()> {
    let mut tx = core.db.begin().await?;
    db::jobs::set_freed(&mut tx, job, seconds).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}

/// The jobs whose slots this heartbeat shows to be free, and after how many seconds.
fn free_in(core: &Core, heartbeat: &Heartbeat) -> Vec<(JobId, f64)> {
    let mut free = Vec::new();
    core.freed().retain(|claim, wait| {
        if wait.worker != heartbeat.worker {
            // Of a worker that nobody has heard here, nothing is known.
            return wait.since.elapsed() < GIVEN_UP;
        }
        if heartbeat.held.iter().any(|held| held.claim.claim == *claim) {
            wait.absences = 0;
            return true;
        }
        wait.absences += 1;
        wait.ended |= heartbeat.finished.iter().any(|finished| finished.claim.claim == *claim);
        let is_free = wait.ended || wait.absences >= ABSENCES;
        if is_free {
            free.push((wait.job, wait.since.elapsed().as_secs_f64()));
        }
        !is_free
    });
    free
}
