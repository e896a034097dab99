//! Whether all is well, looked at every few seconds: so that who only wants to know that, a probe or a stranger, costs nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::core::Core;
use super::{Result, health};

/// How often is looked.
pub(super) const EVERY: Duration = Duration::from_secs(5);
/// A look that takes longer finds that all is not well.
const PATIENCE: Duration = Duration::from_secs(10);
/// What was found longer ago than this says nothing any more.
const STALE: Duration = Duration::from_secs(20);

/// What was found, and when.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Option<(Instant, bool)>>);

impl Pulse {
    pub(super) fn is_healthy(&self) -> bool {
        let found = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.is_some_and(|(at, healthy)| healthy && at.elapsed() < STALE)
    }

    fn found(&self, healthy: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), healthy));
    }
}

/// One look.
pub(super) async fn round(core: &Arc<Core>) -> Result<()> {
    let looked = timeout(PATIENCE, health::health(core)).await;
    core.pulse.found(looked.is_ok_and(|health| health.healthy));
    Ok(())
}
