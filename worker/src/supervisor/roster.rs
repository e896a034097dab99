//! What the worker holds and what it has ended: all that heartbeats tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::vocabulary::ClaimId;
use common::wire::{CheckpointRef, Finished, Grant, Held};
use tokio::sync::Notify;

/// The part of a heartbeat that changes with the work.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Standing {
    /// Slots that could start a job now.
    pub(super) free: u32,
    /// Whether the worker is going down.
    pub(super) draining: bool,
    /// Claims held.
    pub(super) held: Vec<Held>,
    /// Ended claims that are not confirmed.
    pub(super) finished: Vec<Finished>,
}

/// Shared by all tasks of a supervisor.
#[derive(Debug)]
pub(super) struct Roster {
    slots: u32,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    asking: bool,
    draining: bool,
    held: BTreeMap<ClaimId, Held>,
    // Strips hold many claims and one slot: what is small takes no more than the slots it runs in.
    small: BTreeSet<ClaimId>,
    taken: u32,
    finished: BTreeMap<ClaimId, Finished>,
}

impl Roster {
    /// Nothing is held.
    pub(super) fn new(slots: u32) -> Self {
        Self { slots, state: Mutex::default(), changed: Notify::new() }
    }

    /// How many slots there are.
    pub(super) fn slots(&self) -> u32 {
        self.slots
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_one();
    }

    /// Returns once something has changed that the coordinator should hear of soon.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// A slot is being asked for, or no longer.
    pub(super) fn asking(&self, asking: bool) {
        self.change(|state| state.asking = asking);
    }

    /// The worker is going down.
    pub(super) fn drain(&self) {
        self.change(|state| state.draining = true);
    }

    /// Claims were granted, for one slot; or none was.
    pub(super) fn hold<'a>(&self, grants: impl Iterator<Item = &'a Grant>) {
        self.change(|state| {
            state.asking = false;
            let before = state.held.len();
            for grant in grants {
                let Grant { claim, spec, resume, .. } = grant;
                state.held.insert(claim.claim, Held { claim: *claim, step: 0, checkpoint: resume.clone() });
                if spec.is_small() {
                    state.small.insert(claim.claim);
                }
            }
            state.taken += u32::from(state.held.len() > before);
        });
    }

    /// The slot of some claims is free again.
    pub(super) fn free(&self) {
        self.change(|state| state.taken = state.taken.saturating_sub(1));
    }

    /// Whether everything held will be done in a moment.
    pub(super) fn holds_only_small(&self) -> bool {
        let state = self.state();
        state.held.keys().all(|claim| state.small.contains(claim))
    }

    /// A claim moved on. Not worth a heartbeat of its own.
    pub(super) fn step(&self, claim: ClaimId, step: u64) {
        if let Some(held) = self.state().held.get_mut(&claim) {
            held.step = step;
        }
    }

    /// A checkpoint of a claim is in the store.
    pub(super) fn checkpoint(&self, claim: ClaimId, checkpoint: CheckpointRef) {
        self.change(|state| {
            if let Some(held) = state.held.get_mut(&claim) {
                held.checkpoint = Some(checkpoint);
            }
        });
    }

    /// The newest checkpoint of a claim that is held.
    pub(super) fn newest_checkpoint(&self, claim: ClaimId) -> Option<CheckpointRef> {
        self.state().held.get(&claim)?.checkpoint.clone()
    }

    /// A claim ended; repeated in every heartbeat until [`Self::recorded`].
    pub(super) fn finish(&self, finished: Finished) {
        self.change(|state| {
            state.held.remove(&finished.claim.claim);
            state.small.remove(&finished.claim.claim);
            state.finished.insert(finished.claim.claim, finished);
        });
    }

    /// The coordinator has recorded the ends of claims.
    pub(super) fn recorded(&self, claims: &[ClaimId]) {
        self.change(|state| {
            for claim in claims {
                state.finished.remove(claim);
            }
        });
    }

    /// Whether nothing is held and everything that ended is recorded.
    pub(super) fn is_settled(&self) -> bool {
        let state = self.state();
        state.held.is_empty() && state.finished.is_empty()
    }

    /// All of it, for a heartbeat.
    pub(super) fn standing(&self) -> Standing {
        let state = self.state();
        let taken = state.taken + u32::from(state.asking);
        Standing {
            free: if state.draining { 0 } else { self.slots.saturating_sub(taken) },
            draining: state.draining,
            held: state.held.values().cloned().collect(),
            finished: state.finished.values().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::vocabulary::{AttemptId, JobId, JobSpec, ProbeSpec, WorkerId};
    use common::wire::{Claim, Outcome};

    #[test]
    fn an_end_is_told_until_it_is_recorded() {
        let roster = Roster::new(2);
        let claim = Claim {
            job: JobId::new_v4(),
            attempt: AttemptId::new_v4(),
            claim: ClaimId::new_v4(),
            worker: WorkerId::new_v4(),
        };
        roster.asking(true);
        assert_eq!(roster.standing().free, 1);
        let spec = JobSpec::Probe(ProbeSpec { work_ms: 1 });
        let grant = Grant { claim, number: 1, spec, resume: None, batch_size: None, timeout: None, trace: None };
        roster.hold([&grant].into_iter());
        assert!(roster.holds_only_small());
        roster.step(claim.claim, 7);
        let standing = roster.standing();
        assert_eq!((standing.free, standing.held[0].step), (1, 7));

        roster.finish(Finished { claim, outcome: Outcome::Done, checkpoint: None, seconds: 1.0 });
        roster.free();
        let standing = roster.standing();
        assert_eq!((standing.free, standing.held.len(), standing.finished.len()), (2, 0, 1));
        assert!(!roster.is_settled());
        roster.recorded(&[claim.claim]);
        assert!(roster.is_settled());

        roster.drain();
        assert_eq!(roster.standing().free, 0);
    }
}
