//! The supervisor as a whole: what its tasks share, how it starts and how it goes down.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::ports::{ArtifactStore, EventBus, JobQueue, Mailbox, PortError};
use common::vocabulary::WorkerId;
use common::wire::ToCoordinator;
use common::wire::codec::{self, CodecError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::cache::PartCache;
use super::claim_registry::{ClaimRegistry, Halt};
use super::held_claims::{HeldClaims, WorkerStatus};
use super::hints::Hints;
use super::meter::Meter;
use super::scratch::Scratch;
use super::settings::Settings;
use super::slots::{FreeSlots, Slot};
use super::{doorbells, heartbeat, hints, inbox, meter};
use crate::WorkerError;
use crate::predictor::Predictor;

/// After a drain, how long the coordinator gets to confirm what ended.
const CONFIRMATION: Duration = Duration::from_secs(3);

/// The outside, as the supervisor sees it.
#[derive(Clone)]
pub struct Ports {
    /// Doorbells come from here.
    pub queue: Arc<dyn JobQueue>,
    /// Messages go both ways.
    pub bus: Arc<dyn EventBus>,
    /// Files and seals.
    pub store: Arc<dyn ArtifactStore>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

/// What the tasks of a supervisor share.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) worker: WorkerId,
    pub(super) host: String,
    pub(super) ports: Ports,
    pub(super) held_claims: HeldClaims,
    pub(super) meter: Meter,
    pub(super) registry: ClaimRegistry,
    pub(super) hints: Hints,
    pub(super) scratch: Scratch,
    pub(super) cache: PartCache,
    /// Cancelled once: no new claims, give back what is held.
    pub(super) drain: CancellationToken,
    children: Mutex<BTreeMap<String, u32>>,
}

impl Context {
    /// Says something to the coordinator.
    pub(super) async fn say(&self, message: &ToCoordinator) -> Result<(), PortError> {
        let unusable = |error: CodecError| PortError::Unusable { what: "a message".into(), reason: error.to_string() };
        self.ports.bus.post(Mailbox::Coordinator, codec::encode(message).map_err(unusable)?).await
    }

    /// A child was started: its memory counts as the worker's.
    pub(super) fn child(&self, label: &str, pid: u32) {
        self.children.lock().unwrap_or_else(PoisonError::into_inner).insert(label.to_owned(), pid);
    }

    /// The process ids of the children.
    pub(super) fn children(&self) -> Vec<u32> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }
}

/// One incarnation of a worker.
#[derive(Debug)]
pub struct Supervisor {
    context: Arc<Context>,
    slots: FreeSlots,
}

impl Supervisor {
    /// Sets up folders and executors; nothing is taken from the queue yet.
    ///
    /// # Errors
    /// The folder cannot be used, or no executor can be started.
    pub fn start(settings: Settings, ports: Ports) -> Result<Self, WorkerError> {
        let worker = WorkerId::new_v4();
        let scratch = Scratch::open(&settings.folder, worker).map_err(WorkerError::folder(&settings.folder))?;
        let context = Arc::new(Context {
            worker,
            host: std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned(),
            ports,
            held_claims: HeldClaims::new(u32::try_from(settings.slots.len()).unwrap_or(u32::MAX)),
            meter: Meter::new(settings.devices.clone()),
            registry: ClaimRegistry::default(),
            hints: Hints::default(),
            cache: PartCache::new(scratch.cache(), settings.cache_bytes),
            scratch,
            drain: CancellationToken::new(),
            children: Mutex::default(),
            settings,
        });
        let slots = FreeSlots::new();
        for (index, device) in context.settings.slots.iter().enumerate() {
            let slot = Slot::open(&context, index, device).map_err(|source| WorkerError::Spawn { source })?;
            let _ = slots.give().send(slot);
        }
        Ok(Self { context, slots })
    }

    /// Which incarnation this is.
    pub fn id(&self) -> WorkerId {
        self.context.worker
    }

    /// Works until `shutdown` or until the coordinator asks for a drain; then gives back what it holds, within the grace.
    ///
    /// # Errors
    /// No slot is left that can be used: whoever keeps this worker running should start another.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), WorkerError> {
        let Self { context, slots } = self;
        tracing::info!(worker = %context.worker, slots = ?context.settings.slots, "the worker is up");
        let background = [
            tokio::spawn(inbox::run(context.clone())),
            tokio::spawn(heartbeat::run(context.clone())),
            tokio::spawn(hints::run(context.clone())),
            tokio::spawn(meter::run(context.clone())),
            tokio::spawn(
                Predictor::new(context.ports.clone(), context.settings.launch.clone(), context.scratch.versions())
                    .run(),
            ),
        ];
        let claims = TaskTracker::new();
        let asked = async {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = context.drain.cancelled() => {}
            }
            go_down(&context);
        };
        tokio::join!(doorbells::run(&context, slots, &claims), asked);
        claims.close();
        let drained = tokio::time::timeout(context.settings.drain_grace, async {
            claims.wait().await;
            let _ = tokio::time::timeout(CONFIRMATION, settled(&context)).await;
        });
        if drained.await.is_err() {
            tracing::warn!("the grace is over: what is still held is dropped, its lease will run out");
        }
        for task in background {
            task.abort();
        }
        heartbeat::farewell(&context).await;
        tracing::info!(worker = %context.worker, "the worker is down");
        let WorkerStatus { slots, troubles, .. } = context.held_claims.status();
        if slots == 0 { Err(WorkerError::NoSlot { reason: troubles.join("; ") }) } else { Ok(()) }
    }
}

fn go_down(context: &Context) {
    tracing::info!("no new claims; what is held is given back with a checkpoint");
    context.drain.cancel();
    context.held_claims.drain();
    context.registry.end_all(&Halt::Release("the worker is going down".into()));
}

/// Returns when the coordinator has confirmed everything.
async fn settled(context: &Context) {
    while !context.held_claims.is_settled() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
