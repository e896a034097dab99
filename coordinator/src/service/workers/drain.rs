//! Workers that somebody asks to drain: no new claims, what is held is given back with a checkpoint, then the process ends.

use common::vocabulary::WorkerId;
use common::wire::ToWorker;

use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::runtime::{Core, Refit, outbox};
use crate::views::WorkerView;

impl Refit {
    /// Asks a worker to drain: no new claims, what it holds is given back with a checkpoint, then it ends.
    ///
    /// # Errors
    /// Nothing has been heard of it lately, or it is not alive.
    pub async fn drain_worker(&self, id: WorkerId) -> Result<WorkerView> {
        worker(&self.core, id).await
    }
}

/// Asks a worker to drain. It is told again after each heartbeat that does not say so.
pub(crate) async fn worker(core: &Core, id: WorkerId) -> Result<WorkerView> {
    let unknown = || Error::NotFound {
        what: format!("worker {id}"),
        hint: Some("`refit workers` lists those heard of lately".into()),
    };
    if !core.fleet().ask_to_drain(id) {
        return Err(unknown());
    }
    if core.fleet().is_lost(id) {
        return Err(Error::refused(format!("worker {id} is not alive: its jobs go back into the line by themselves")));
    }
    outbox::send(core, id, &ToWorker::Drain).await?;
    present::worker(core, id).await?.ok_or_else(unknown)
}
