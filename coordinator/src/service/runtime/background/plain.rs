//! Tasks that remember nothing between their rounds.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;

use super::{Rhythm, Task};
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::state::TaskName;

/// A task, by what it does in a round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain {
    /// What it is called.
    pub(crate) name: TaskName,
    /// When its rounds are due, by the settings.
    pub(crate) rhythm: fn(&Core) -> Rhythm,
    /// One round.
    pub(crate) round: for<'a> fn(&'a Arc<Core>) -> BoxFuture<'a, Result<()>>,
}

#[async_trait]
impl Task for Plain {
    fn name(&self) -> TaskName {
        self.name
    }

    fn rhythm(&self, core: &Core) -> Rhythm {
        (self.rhythm)(core)
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        (self.round)(core).await
    }
}
