//! Slots of cancelled jobs that are waited for, on this coordinator's clock.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::vocabulary::{ClaimId, JobId, WorkerId};
use common::wire::{Claim, Finished, Heartbeat};
use tokio::time::Instant;

/// Heartbeats without the claim that show the slot to be free, where its end was not heard of.
const ABSENCES: u32 = 2;

/// A slot that was not freed by then is no longer waited for.
const GIVEN_UP: Duration = Duration::from_mins(10);

/// Slots that are waited for.
#[derive(Debug, Default)]
pub(crate) struct SlotReleases(Mutex<HashMap<ClaimId, Wait>>);

/// A slot that is waited for.
#[derive(Debug)]
struct Wait {
    job: JobId,
    worker: WorkerId,
    since: Instant,
    ended: bool,
    absences: u32,
}

impl SlotReleases {
    /// The slot of this claim is wanted back since then.
    pub(crate) fn watch(&self, claim: Claim, since: Instant) {
        let wait = Wait { job: claim.job, worker: claim.worker, since, ended: false, absences: 0 };
        self.waits().insert(claim.claim, wait);
    }

    /// Nobody cancelled it after all.
    pub(crate) fn forget(&self, claim: Claim) {
        self.waits().remove(&claim.claim);
    }

    /// Whether none is waited for.
    pub(crate) fn is_empty(&self) -> bool {
        self.waits().is_empty()
    }

    /// Claims have ended.
    pub(crate) fn ended(&self, ends: &[Finished]) {
        for end in ends {
            if let Some(wait) = self.waits().get_mut(&end.claim.claim) {
                wait.ended = true;
            }
        }
    }

    /// The workers whose slots are waited for.
    pub(crate) fn workers(&self) -> Vec<WorkerId> {
        self.waits().values().map(|wait| wait.worker).collect()
    }

    /// Slots that went with their workers: of which jobs, and after how many seconds.
    pub(crate) fn gone_with(&self, is_lost: impl Fn(WorkerId) -> bool) -> Vec<(JobId, f64)> {
        let gone = self.waits().extract_if(|_, wait| is_lost(wait.worker)).collect::<Vec<_>>();
        gone.into_iter().map(|(_, wait)| (wait.job, wait.since.elapsed().as_secs_f64())).collect()
    }

    /// The jobs whose slots this heartbeat shows to be free, and after how many seconds.
    pub(crate) fn free_in(&self, heartbeat: &Heartbeat) -> Vec<(JobId, f64)> {
        let mut free = Vec::new();
        self.waits().retain(|claim, wait| {
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

    fn waits(&self) -> MutexGuard<'_, HashMap<ClaimId, Wait>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
