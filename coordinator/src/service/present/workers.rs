//! Workers as they are shown: who works.

use common::vocabulary::{JobId, Timestamp, WorkerId};
use common::wire::{DeviceState, Heartbeat};
use newtype_uuid::GenericUuid;

use crate::db;
use crate::service::error::Result;
use crate::service::runtime::pages::PageRequest;
use crate::service::runtime::{Core, Refit};
use crate::views::{DeviceView, Page, WorkerFilter, WorkerState, WorkerView};

impl Refit {
    /// A page of the workers heard of lately, by host and process.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn workers(&self, filter: WorkerFilter) -> Result<Page<WorkerView>> {
        let WorkerFilter { id, limit, cursor } = filter;
        let beginning = id.as_deref().unwrap_or_default().to_lowercase();
        let asked = PageRequest::new(format!("workers {beginning}"), limit, cursor.as_deref())?;
        let mut holdings = db::backlog::holdings(&mut *self.core.db.read().await?).await?;
        let fleet = self.core.fleet();
        let shown = fleet.everyone().filter(|(id, ..)| id.to_string().starts_with(&beginning));
        let shown = shown.filter_map(|(id, member, lost)| {
            Some(Shown { id, heartbeat: member.heartbeat.as_ref()?, seen_at: member.seen_at, lost })
        });
        let mut shown: Vec<Shown<'_>> = shown.collect();
        shown.sort_by_key(Shown::position);
        Ok(asked.of_all(shown, Shown::position)?.map(|shown| view(&shown, holdings.remove(&shown.id))))
    }
}

/// One worker, if it was heard of lately.
pub(crate) async fn worker(core: &Core, id: WorkerId) -> Result<Option<WorkerView>> {
    let held = db::backlog::held_by(&mut *core.db.read().await?, id).await?.into_keys().collect();
    let fleet = core.fleet();
    let found = fleet.everyone().find(|(worker, ..)| *worker == id);
    let shown = found.and_then(|(id, member, lost)| {
        Some(Shown { id, heartbeat: member.heartbeat.as_ref()?, seen_at: member.seen_at, lost })
    });
    Ok(shown.map(|shown| view(&shown, Some(held))))
}

/// A worker that was heard of.
struct Shown<'a> {
    id: WorkerId,
    heartbeat: &'a Heartbeat,
    seen_at: Timestamp,
    lost: bool,
}

impl Shown<'_> {
    fn position(&self) -> (String, u32, WorkerId) {
        (self.heartbeat.host.clone(), self.heartbeat.pid, self.id)
    }
}

fn view(shown: &Shown<'_>, held: Option<Vec<JobId>>) -> WorkerView {
    let heartbeat = shown.heartbeat;
    WorkerView {
        id: shown.id.into_untyped_uuid(),
        host: heartbeat.host.clone(),
        pid: heartbeat.pid,
        state: match (shown.lost, heartbeat.draining) {
            (true, true) => WorkerState::Gone,
            (true, false) => WorkerState::Lost,
            (false, true) => WorkerState::Draining,
            (false, false) => WorkerState::Ready,
        },
        pools: heartbeat.pools.iter().map(ToString::to_string).collect(),
        slots: heartbeat.slots,
        free: heartbeat.free,
        devices: heartbeat.hardware.devices.iter().cloned().map(device).collect(),
        note: heartbeat.hardware.note.clone(),
        troubles: heartbeat.troubles.clone(),
        memory: heartbeat.memory,
        jobs: held.unwrap_or_default().into_iter().map(GenericUuid::into_untyped_uuid).collect(),
        seen_at: shown.seen_at.utc(),
        version: heartbeat.version.clone(),
    }
}

fn device(state: DeviceState) -> DeviceView {
    let DeviceState { device, name, memory, memory_used, utilisation } = state;
    DeviceView { device, name, memory, memory_used, utilisation }
}
