//! Tasks that remember nothing between their rounds.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;

use super::super::Result;
use super::super::core::Core;
use super::{Rhythm, Task, TaskName};

/// A task, by what it does in a round.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Plain {
    /// What it is called.
    pub(in super::super) name: TaskName,
    /// When its rounds are due, by the settings.
    pub(in super::super) rhythm: fn(&Core) -> Rhythm,
    /// One round.
    pub(in super::super) round: for<'a> fn(&'a Arc<Core>) -> BoxFuture<'a, Result<()>>,
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
