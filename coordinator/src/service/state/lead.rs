//! Who leads, as far as this coordinator has seen.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whether this coordinator leads, and when anybody was last seen to.
#[derive(Debug)]
pub(crate) struct Lead {
    trusted_until: Mutex<Option<Instant>>,
    seen: Mutex<Instant>,
}

impl Default for Lead {
    fn default() -> Self {
        Self { trusted_until: Mutex::new(None), seen: Mutex::new(Instant::now()) }
    }
}

impl Lead {
    /// Whether this coordinator leads.
    pub(crate) fn is_ours(&self) -> bool {
        let until = *self.trusted_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// It leads until then, unless it hears otherwise.
    pub(crate) fn trust_until(&self, until: Instant) {
        *self.trusted_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// Somebody has just been seen to lead, this coordinator or another.
    pub(crate) fn is_led(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// How long nobody has been seen to lead.
    pub(crate) fn leaderless_for(&self) -> Duration {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}
