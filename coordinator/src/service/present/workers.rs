//! Workers as they are shown: who works.

use common::wire::DeviceState;
use newtype_uuid::GenericUuid;

use crate::db;
use crate::service::error::Result;
use crate::service::runtime::{Core, Refit};
use crate::views::{DeviceView, WorkerView};

impl Refit {
    /// The workers heard of lately.
    ///
    /// # Errors
    /// The database fails.
    pub async fn workers(&self) -> Result<Vec<WorkerView>> {
        workers(&self.core).await
    }
}

/// The workers heard of lately, by host and process.
pub(crate) async fn workers(core: &Core) -> Result<Vec<WorkerView>> {
    let under_way = db::line::under_way(&mut *core.db.read().await?).await?;
    let mut shown: Vec<WorkerView> = core
        .fleet()
        .everyone()
        .filter_map(|(id, member, lost)| member.heartbeat.as_ref().map(|heartbeat| (id, member, lost, heartbeat)))
        .map(|(id, member, lost, heartbeat)| WorkerView {
            id: id.into_untyped_uuid(),
            host: heartbeat.host.clone(),
            pid: heartbeat.pid,
            state: match (lost, heartbeat.draining) {
                (true, true) => "gone",
                (true, false) => "lost",
                (false, true) => "draining",
                (false, false) => "ready",
            }
            .into(),
            pools: heartbeat.pools.iter().map(ToString::to_string).collect(),
            slots: heartbeat.slots,
            free: heartbeat.free,
            devices: heartbeat.hardware.devices.iter().cloned().map(device).collect(),
            note: heartbeat.hardware.note.clone(),
            troubles: heartbeat.troubles.clone(),
            memory: heartbeat.memory,
            jobs: under_way
                .iter()
                .filter(|job| job.holder().is_some_and(|claim| claim.worker == id))
                .map(|job| job.id.into_untyped_uuid())
                .collect(),
            seen_at: member.seen_at.utc(),
            version: heartbeat.version.clone(),
        })
        .collect();
    shown.sort_by(|a, b| (&a.host, a.pid).cmp(&(&b.host, b.pid)));
    Ok(shown)
}

fn device(state: DeviceState) -> DeviceView {
    let DeviceState { device, name, memory, memory_used, utilisation } = state;
    DeviceView { device, name, memory, memory_used, utilisation }
}
