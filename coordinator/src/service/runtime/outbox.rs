//! Messages to workers.

use common::ports::Mailbox;
use common::vocabulary::WorkerId;
use common::wire::{ToWorker, codec};

use super::Core;
use crate::service::error::Result;

/// Says something to a worker.
pub(crate) async fn send(core: &Core, worker: WorkerId, message: &ToWorker) -> Result<()> {
    Ok(core.ports.bus.post(Mailbox::Worker(worker), codec::encode(message)?).await?)
}
