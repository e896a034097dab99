//! Whether all is well, looked at every few seconds: so that who only wants to know that, a probe or a stranger, costs nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use common::ports::PortError;
use tokio::time::timeout;

use super::core::Core;
use super::{Result, health};

/// How often is looked.
pub(super) const EVERY: Duration = Duration::from_secs(5);
/// A look that takes longer finds that all is not well.
const PATIENCE: Duration = Duration::from_secs(10);
/// What was found longer ago than this says nothing any more.
const STALE: Duration = Duration::from_secs(20);

/// A store that was seen to work is not written to again for so long: a bucket is paid by the request.
const STORE: Duration = Duration::from_secs(30);

/// What was found, and when.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    found: Mutex<Option<(Instant, bool)>>,
    store_worked: Mutex<Option<Instant>>,
}

impl Pulse {
    pub(super) fn is_healthy(&self) -> bool {
        let found = *self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.is_some_and(|(at, healthy)| healthy && at.elapsed() < STALE)
    }

    fn found(&self, healthy: bool) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), healthy));
    }

    /// Whether the store worked when it was last tried, which is not long ago.
    fn store_works(&self) -> bool {
        let worked = *self.store_worked.lock().unwrap_or_else(PoisonError::into_inner);
        worked.is_some_and(|at| at.elapsed() < STORE)
    }

    fn store_said(&self, works: bool) {
        *self.store_worked.lock().unwrap_or_else(PoisonError::into_inner) = works.then(Instant::now);
    }
}

/// One look.
pub(super) async fn round(core: &Arc<Core>) -> Result<()> {
    let store = async { if core.pulse.store_works() { Ok(()) } else { try_store(core).await } };
    let looked = timeout(PATIENCE, health::health(core, store)).await;
    core.pulse.found(looked.is_ok_and(|health| health.healthy));
    Ok(())
}

/// Writes to the store, and remembers whether that worked.
pub(super) async fn try_store(core: &Core) -> std::result::Result<(), PortError> {
    let answer = core.ports.store.probe().await;
    core.pulse.store_said(answer.is_ok());
    answer
}
