//! Whether writes get through: what health asks.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Since when no write has got through, if the last that was tried did not.
#[derive(Debug, Default)]
pub(super) struct Writes {
    failing: Mutex<Option<Instant>>,
}

impl Writes {
    /// A write is done.
    pub(super) fn got_through(&self) {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A write could not begin, or was not done within its limit.
    pub(super) fn failed(&self) {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    }

    /// For how long none has got through. `None`: the last did, or none has been tried.
    pub(super) fn failing_for(&self) -> Option<Duration> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).map(|since| since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_counts_until_a_write_gets_through() {
        let writes = Writes::default();
        assert_eq!(writes.failing_for(), None);
        writes.failed();
        let first = *writes.failing.lock().unwrap();
        writes.failed();
        assert!(first.is_some() && *writes.failing.lock().unwrap() == first);
        assert!(writes.failing_for().is_some());
        writes.got_through();
        assert_eq!(writes.failing_for(), None);
    }
}
