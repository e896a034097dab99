//! What the worker holds and what it has ended: all that heartbeats tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::vocabulary::ClaimId;
use common::wire::{CheckpointRef, Finished, Grant, Held};
use tokio::sync::Notify;

/// The part of a heartbeat that changes with the work.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct WorkerStatus {
    /// Slots that could start a job now.
    pub(super) free: u32,
    /// Slots there are, free or not.
    pub(super) slots: u32,
    /// Whether the worker is going down.
    pub(super) draining: bool,
    /// What keeps it from working as it should, in words.
    pub(super) troubles: Vec<String>,
    /// Claims held.
    pub(super) held: Vec<Held>,
    /// Ended claims that are not confirmed.
    pub(super) finished: Vec<Finished>,
}

/// Shared by all tasks of a supervisor.
#[derive(Debug)]
pub(super) struct HeldClaims {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    slots: u32,
    /// Why slots had to be given up.
    retired: Vec<String>,
    /// Why no doorbell can be taken now.
    no_queue: Option<String>,
    asking: bool,
    draining: bool,
    held: BTreeMap<ClaimId, Held>,
    // Batches hold many claims and one slot: what is small takes no more than the slots it runs in.
    small: BTreeSet<ClaimId>,
    taken: u32,
    finished: BTreeMap<ClaimId, Finished>,
}

impl HeldClaims {
    /// Nothing is held.
    pub(super) fn new(slots: u32) -> Self {
        let state = State { slots, ..State::default() };
        Self { state: Mutex::new(state), changed: Notify::new() }
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
                state
                    .held
                    .insert(claim.claim, Held { claim: *claim, step: 0, checkpoint: resume.clone(), refused: None });
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

    /// A slot can never be used again: why. How many are left.
    pub(super) fn retire(&self, reason: String) -> u32 {
        let mut left = 0;
        self.change(|state| {
            state.slots = state.slots.saturating_sub(1);
            state.retired.push(reason);
            left = state.slots;
        });
        left
    }

    /// Doorbells can be taken, or cannot: why. Only a change is told.
    pub(super) fn queue(&self, trouble: Option<String>) {
        if self.state().no_queue != trouble {
            self.change(|state| state.no_queue = trouble);
        }
    }

    /// The store refuses the result of a claim, and why; or it does no longer.
    pub(super) fn refused(&self, claim: ClaimId, reason: Option<String>) {
        let is_new = self.state().held.get(&claim).is_some_and(|held| held.refused != reason);
        if is_new {
            self.change(|state| {
                if let Some(held) = state.held.get_mut(&claim) {
                    held.refused = reason;
                }
            });
        }
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
    pub(super) fn status(&self) -> WorkerStatus {
        let state = self.state();
        let taken = state.taken + u32::from(state.asking);
        // What no doorbell can reach is not free.
        let takes_none = state.draining || state.no_queue.is_some();
        let no_queue = state.no_queue.iter().map(|reason| format!("no job can reach it: {reason}"));
        WorkerStatus {
            free: if takes_none { 0 } else { state.slots.saturating_sub(taken) },
            slots: state.slots,
            draining: state.draining,
            troubles: no_queue.chain(state.retired.iter().cloned()).collect(),
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
        let held_claims = HeldClaims::new(2);
        let claim = Claim {
            job: JobId::new_v4(),
            attempt: AttemptId::new_v4(),
            claim: ClaimId::new_v4(),
            worker: WorkerId::new_v4(),
        };
        held_claims.asking(true);
        assert_eq!(held_claims.status().free, 1);
        let spec = JobSpec::Probe(ProbeSpec { work_ms: 1 });
        let grant = Grant { claim, number: 1, spec, resume: None, batch_size: None, timeout: None, trace: None };
        held_claims.hold([&grant].into_iter());
        assert!(held_claims.holds_only_small());
        held_claims.step(claim.claim, 7);
        let status = held_claims.status();
        assert_eq!((status.free, status.held[0].step), (1, 7));

        held_claims.finish(Finished { claim, outcome: Outcome::Done, checkpoint: None, seconds: 1.0 });
        held_claims.free();
        let status = held_claims.status();
        assert_eq!((status.free, status.held.len(), status.finished.len()), (2, 0, 1));
        assert!(!held_claims.is_settled());
        held_claims.recorded(&[claim.claim]);
        assert!(held_claims.is_settled());

        held_claims.drain();
        assert_eq!(held_claims.status().free, 0);
    }

    #[test]
    fn a_worker_without_a_queue_has_no_free_slot_and_says_why() {
        let held_claims = HeldClaims::new(2);
        held_claims.queue(Some("no answer".into()));
        let status = held_claims.status();
        assert_eq!((status.free, status.slots), (0, 2));
        assert_eq!(status.troubles, ["no job can reach it: no answer"]);
        held_claims.queue(None);
        assert_eq!((held_claims.status().free, held_claims.status().troubles), (2, vec![]));
    }

    #[test]
    fn a_retired_slot_is_counted_no_more() {
        let held_claims = HeldClaims::new(2);
        assert_eq!(held_claims.retire("slot-1 is retired".into()), 1);
        let status = held_claims.status();
        assert_eq!((status.free, status.slots, status.troubles), (1, 1, vec!["slot-1 is retired".to_owned()]));
        assert_eq!(held_claims.retire("slot-0 is retired".into()), 0);
        assert_eq!(held_claims.status().free, 0);
    }
}
