//! Whether all was well at the last look.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What was found longer ago than this says nothing any more.
const STALE: Duration = Duration::from_secs(20);
/// A store that was seen to work is not written to again for so long: a bucket is paid by the request.
const STORE: Duration = Duration::from_secs(30);

/// What was found, and when.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    found: Mutex<Option<(Instant, bool)>>,
    store_worked: Mutex<Option<Instant>>,
}

impl Pulse {
    /// Whether all was well at the last look, which is not long ago.
    pub(crate) fn is_healthy(&self) -> bool {
        let found = *self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.is_some_and(|(at, healthy)| healthy && at.elapsed() < STALE)
    }

    /// A look has found that.
    pub(crate) fn found(&self, healthy: bool) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), healthy));
    }

    /// Whether the store worked when it was last tried, which is not long ago.
    pub(crate) fn store_works(&self) -> bool {
        let worked = *self.store_worked.lock().unwrap_or_else(PoisonError::into_inner);
        worked.is_some_and(|at| at.elapsed() < STORE)
    }

    /// The store has just worked, or has not.
    pub(crate) fn store_answered(&self, works: bool) {
        *self.store_worked.lock().unwrap_or_else(PoisonError::into_inner) = works.then(Instant::now);
    }
}
