//! What the loops and the facade share: ports, database, the fleet in memory, events.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use common::ports::{ArtifactStore, EventBus, JobQueue};
use common::vocabulary::JobId;
use tokio::sync::{Notify, broadcast};

use super::fault::Fault;
use super::fleet::Fleet;
use super::options::Options;
use crate::db::Database;
use crate::views::{Event, ProgressView};

/// Events a slow reader may fall behind before it misses some.
const EVENTS: usize = 4096;

/// The ports the coordinator stands on.
#[derive(Clone)]
pub struct Ports {
    /// Carries doorbells.
    pub queue: Arc<dyn JobQueue>,
    /// Carries messages and newest values.
    pub bus: Arc<dyn EventBus>,
    /// Holds snapshots, artifacts and seals.
    pub store: Arc<dyn ArtifactStore>,
}

/// The shared heart. Nothing in it is the truth: after a restart everything goes on from the rows.
pub(crate) struct Core {
    /// The rows.
    pub(crate) db: Database,
    /// The outside.
    pub(crate) ports: Ports,
    /// How to behave.
    pub(crate) options: Options,
    /// Planted by tests.
    pub(crate) fault: Fault,
    /// Rung when the line or the free slots may have changed.
    pub(crate) line_changed: Notify,
    /// Rung when a result may be waiting.
    pub(crate) result_waits: Notify,
    /// Rung when somebody asked to cancel, or a lease may have run out.
    pub(crate) sweep: Notify,
    fleet: Mutex<Fleet>,
    progress: Mutex<HashMap<JobId, ProgressView>>,
    events: broadcast::Sender<Event>,
}

impl Core {
    pub(crate) fn new(db: Database, ports: Ports, options: Options, fault: Fault) -> Self {
        Self {
            db,
            ports,
            fault,
            line_changed: Notify::new(),
            result_waits: Notify::new(),
            sweep: Notify::new(),
            fleet: Mutex::new(Fleet::new(options.lease)),
            progress: Mutex::new(HashMap::new()),
            events: broadcast::channel(EVENTS).0,
            options,
        }
    }

    /// The workers. Never held over an await.
    pub(crate) fn fleet(&self) -> MutexGuard<'_, Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where running jobs stand. Never held over an await.
    pub(crate) fn progress(&self) -> MutexGuard<'_, HashMap<JobId, ProgressView>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever listens; nobody need.
    pub(crate) fn emit(&self, event: Event) {
        let _nobody_listens = self.events.send(event);
    }

    /// What happens from now on.
    pub(crate) fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}
