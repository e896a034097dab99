//! What the worker holds and what it has ended: all that heartbeats tell.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::vocabulary::ClaimId;
use common::wire::{CheckpointRef, Claim, Finished, Held};
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

    /// A claim was granted.
    pub(super) fn hold(&self, claim: Claim, checkpoint: Option<CheckpointRef>) {
        self.change(|state| {
            state.asking = false;
            state.held.insert(claim.claim, Held { claim, step: 0, checkpoint });
        });
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
            state.finished.insert(finished.claim.claim, finished);
        });
    }

    /// The coordinator has recorded the end of a claim.
    pub(super) fn recorded(&self, claim: ClaimId) {
        self.change(|state| drop(state.finished.remove(&claim)));
    }

    /// Whether nothing is held and everything that ended is recorded.
    pub(super) fn is_settled(&self) -> bool {
        let state = self.state();
        state.held.is_empty() && state.finished.is_empty()
    }

    /// All of it, for a heartbeat.
    pub(super) fn standing(&self) -> Standing {
        let state = self.state();
        let taken = u32::try_from(state.held.len()).unwrap_or(u32::MAX).saturating_add(u32::from(state.asking));
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
    use common::vocabulary::{AttemptId, JobId, WorkerId};
    use common::wire::Outcome;

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
        roster.hold(claim, None);
        roster.step(claim.claim, 7);
        let standing = roster.standing();
        assert_eq!((standing.free, standing.held[0].step), (1, 7));

        roster.finish(Finished { claim, outcome: Outcome::Done, checkpoint: None, seconds: 1.0 });
        let standing = roster.standing();
        assert_eq!((standing.free, standing.held.len(), standing.finished.len()), (2, 0, 1));
        assert!(!roster.is_settled());
        roster.recorded(claim.claim);
        assert!(roster.is_settled());

        roster.drain();
        assert_eq!(roster.standing().free, 0);
    }
}
