//! Whether all is well, looked at every few seconds: so that who only wants to know that, a probe or a stranger, costs nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::health;
use crate::service::error::Result;
use crate::service::runtime::{Core, Refit};

/// How often is looked.
pub(crate) const EVERY: Duration = Duration::from_secs(5);
/// A look that takes longer finds that all is not well.
const TIME_LIMIT: Duration = Duration::from_secs(10);

impl Refit {
    /// Whether all was well a few seconds ago; costs nothing, and nothing is written for it.
    pub fn is_healthy(&self) -> bool {
        self.core.pulse.is_healthy()
    }
}

/// One look.
pub(crate) async fn round(core: &Arc<Core>) -> Result<()> {
    let store = async { if core.pulse.store_works() { Ok(()) } else { health::try_store(core).await } };
    let looked = timeout(TIME_LIMIT, health::health(core, store)).await;
    core.pulse.found(looked.is_ok_and(|health| health.healthy));
    Ok(())
}
