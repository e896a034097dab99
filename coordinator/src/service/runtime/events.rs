//! What happens is told in rounds, and whoever wants to listens.

use std::time::Duration;

use super::{Core, Refit};
use crate::service::error::Result;
use crate::service::state::Listener;
use crate::service::state::events::Filter;
use crate::views::EventFilter;

/// Between two rounds, while anything happens. The first event after a silence is told at once.
const PAUSE: Duration = Duration::from_millis(200);

impl Refit {
    /// Listens to what happens from now on, or since `last`, an id that another listener has been told.
    ///
    /// # Errors
    /// The filter makes no sense.
    pub fn events(&self, filter: &EventFilter, last: Option<&str>) -> Result<Listener> {
        Ok(self.core.events.listen(Filter::of(filter)?, last))
    }
}

/// Tells what has happened, and rests: what happens meanwhile is told together.
pub(crate) async fn round(core: &Core) -> Result<()> {
    core.events.close();
    tokio::time::sleep(PAUSE).await;
    Ok(())
}
