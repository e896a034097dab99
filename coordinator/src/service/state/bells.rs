//! Doorbells on their way to the queue, pool by pool.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::ports::Level;
use common::vocabulary::Pool;
use common::wire::Doorbell;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A message for one pool.
#[derive(Debug)]
pub(crate) struct PendingBatch {
    pub(crate) level: Level,
    pub(crate) doorbells: Vec<Doorbell>,
    pub(crate) since: Instant,
}

/// Messages that the broker has not been given yet, in the order in which their jobs left the backlog.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    state: Mutex<State>,
    given: Notify,
    in_vain: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeMap<Pool, VecDeque<PendingBatch>>,
    /// Pools that somebody rings for.
    ringing: BTreeSet<Pool>,
}

impl Bells {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rung when there is something to ring for.
    pub(crate) fn bell(&self) -> &Notify {
        &self.given
    }

    /// These doorbells shall ring, in one message.
    pub(crate) fn ring(&self, pool: Pool, level: Level, doorbells: Vec<Doorbell>) {
        let batch = PendingBatch { level, doorbells, since: Instant::now() };
        self.state().waiting.entry(pool).or_default().push_back(batch);
        self.given.notify_one();
    }

    /// Whether the last doorbell found no queue.
    pub(crate) fn ring_in_vain(&self) -> bool {
        self.in_vain.load(Ordering::Relaxed)
    }

    /// The last doorbell found the queue, or did not.
    pub(crate) fn set_in_vain(&self, in_vain: bool) {
        self.in_vain.store(in_vain, Ordering::Relaxed);
    }

    /// A new term: what an earlier one has left is rung again from its rows.
    pub(crate) fn forget(&self) {
        *self.state() = State::default();
    }

    /// The pools that something waits for and nobody rings for, until now.
    pub(crate) fn begin(&self) -> Vec<Pool> {
        let mut state = self.state();
        state.waiting.retain(|_, batches| !batches.is_empty());
        let fresh: Vec<Pool> = state.waiting.keys().filter(|pool| !state.ringing.contains(*pool)).cloned().collect();
        state.ringing.extend(fresh.iter().cloned());
        fresh
    }

    /// The next message for a pool.
    pub(crate) fn next(&self, pool: &Pool) -> Option<PendingBatch> {
        self.state().waiting.get_mut(pool)?.pop_front()
    }

    /// Nobody rings for a pool any more; what has come meanwhile is begun with anew.
    pub(crate) fn end(&self, pool: &Pool) {
        let mut state = self.state();
        state.ringing.remove(pool);
        if state.waiting.get(pool).is_some_and(|batches| !batches.is_empty()) {
            self.given.notify_one();
        }
    }
}
