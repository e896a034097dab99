//! What the loops and the facade share: ports, database, the fleet in memory, events.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::ports::{ArtifactStore, EventBus, JobQueue};
use common::settings::Settings;
use common::vocabulary::{ClaimId, CoordinatorId, JobId};
use common::wire::Claim;
use tokio::sync::{Notify, broadcast};
use tokio::time::Instant;

use super::access::{Tokens, Trail};
use super::answers::Answers;
use super::background::Board;
use super::evaluate::Stale;
use super::events::Events;
use super::fault::Fault;
use super::fleet::Fleet;
use super::freed::Wait;
use super::invariants::Violations;
use super::predictions::Log;
use super::pulse::Pulse;
use super::recent::Recent;
use super::ring::Bells;
use super::standstill::Still;
use super::transfers::Transfers;
use super::trouble::Troubles;
use crate::db::Database;
use crate::domain::lease::Lease;
use crate::domain::transition::RetryPolicy;
use crate::views::ProgressView;

/// Ends of jobs that whoever waits for one may fall behind; it looks at the row anyway.
const ENDS: usize = 4096;

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
    /// This coordinator, among several.
    pub(crate) id: CoordinatorId,
    /// The rows.
    pub(crate) db: Database,
    /// The outside.
    pub(crate) ports: Ports,
    /// How to behave.
    pub(crate) settings: Settings,
    /// How often and how soon a job is tried again, by the settings.
    pub(crate) retry: RetryPolicy,
    /// Rows as they were written last.
    pub(crate) recent: Recent,
    /// Questions to the predictors.
    pub(crate) answers: Answers,
    /// Predictions that were served.
    pub(crate) log: Log,
    /// Doorbells on their way to the queue.
    pub(crate) bells: Bells,
    /// Streams that come in and go out.
    pub(super) transfers: Transfers,
    /// Tokens of the API.
    pub(crate) tokens: Tokens,
    /// Calls that wait to be noted.
    pub(crate) trail: Trail,
    /// Whether all was well at the last look.
    pub(super) pulse: Pulse,
    /// Models whose decisions are out of date.
    pub(super) stale: Stale,
    /// What happens, for whoever listens.
    pub(crate) events: Arc<Events>,
    /// Planted by tests.
    pub(crate) fault: Fault,
    /// Rung when the line or the free slots may have changed.
    pub(crate) line_changed: Notify,
    /// Rung when a result may be waiting.
    pub(crate) result_waits: Notify,
    /// Rung when jobs near the front of the line may not be frozen.
    pub(crate) front_changed: Notify,
    /// Rung when slots may have to be taken back.
    pub(crate) reclaim: Notify,
    /// How long workers may be silent.
    pub(super) lease: Lease,
    trusted_until: Mutex<Option<std::time::Instant>>,
    freezing: Mutex<HashMap<JobId, Instant>>,
    results: Mutex<HashMap<JobId, Option<Claim>>>,
    fleet: Mutex<Fleet>,
    progress: Mutex<HashMap<JobId, ProgressView>>,
    freed: Mutex<HashMap<ClaimId, Wait>>,
    violations: Mutex<Violations>,
    troubles: Mutex<Troubles>,
    board: Mutex<Board>,
    standing_still: Mutex<Vec<Still>>,
    rings_in_vain: AtomicBool,
    led: Mutex<std::time::Instant>,
    listened: Mutex<Instant>,
    ends: broadcast::Sender<JobId>,
}

impl Core {
    pub(crate) fn new(db: Database, ports: Ports, settings: Settings, fault: Fault) -> Self {
        let dispatch = &settings.dispatch;
        let lease = Lease::of(dispatch);
        let retry = RetryPolicy {
            max_attempts: dispatch.max_attempts,
            max_idle_losses: dispatch.max_lost,
            backoff_base: dispatch.backoff_base.as_secs_f64(),
            backoff_factor: dispatch.backoff_factor,
            backoff_cap: dispatch.backoff_max.as_secs_f64(),
            unclaimed_after: dispatch.unclaimed_after.as_secs_f64(),
        };
        Self {
            id: CoordinatorId::new_v4(),
            db,
            ports,
            recent: Recent::default(),
            answers: Answers::default(),
            log: Log::new(settings.predictions.keep_inputs),
            bells: Bells::default(),
            transfers: Transfers::new(&settings),
            tokens: Tokens::default(),
            trail: Trail::default(),
            pulse: Pulse::default(),
            stale: Stale::default(),
            events: Events::new(),
            fault,
            line_changed: Notify::new(),
            result_waits: Notify::new(),
            front_changed: Notify::new(),
            reclaim: Notify::new(),
            trusted_until: Mutex::new(None),
            freezing: Mutex::new(HashMap::new()),
            results: Mutex::new(HashMap::new()),
            fleet: Mutex::new(Fleet::new(lease)),
            progress: Mutex::new(HashMap::new()),
            freed: Mutex::new(HashMap::new()),
            violations: Mutex::default(),
            troubles: Mutex::default(),
            board: Mutex::default(),
            standing_still: Mutex::default(),
            rings_in_vain: AtomicBool::new(false),
            led: Mutex::new(std::time::Instant::now()),
            listened: Mutex::new(Instant::now()),
            ends: broadcast::channel(ENDS).0,
            lease,
            retry,
            settings,
        }
    }

    /// Whether this coordinator leads: it alone answers claims, dispatches, records and judges.
    pub(crate) fn leads(&self) -> bool {
        let until = *self.trusted_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| std::time::Instant::now() < until)
    }

    /// It leads until then, unless it hears otherwise.
    pub(crate) fn trust_until(&self, until: std::time::Instant) {
        *self.trusted_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    /// The workers. Never held over an await.
    pub(crate) fn fleet(&self) -> MutexGuard<'_, Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where running jobs stand. Never held over an await.
    pub(crate) fn progress(&self) -> MutexGuard<'_, HashMap<JobId, ProgressView>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Slots of cancelled jobs that are waited for. Never held over an await.
    pub(crate) fn freed(&self) -> MutexGuard<'_, HashMap<ClaimId, Wait>> {
        self.freed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that has been said until now is taken in.
    pub(crate) fn has_listened(&self) {
        *self.listened.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// How long ago that was.
    pub(crate) fn deaf_for(&self) -> Duration {
        self.listened.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Invariants that were found broken. Never held over an await.
    pub(crate) fn violations(&self) -> MutexGuard<'_, Violations> {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jobs in trouble of their own. Never held over an await.
    pub(crate) fn troubles(&self) -> MutexGuard<'_, Troubles> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How background tasks stand. Never held over an await.
    pub(crate) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jobs that could move and have not moved. Never held over an await.
    pub(super) fn standing_still(&self) -> MutexGuard<'_, Vec<Still>> {
        self.standing_still.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the last doorbell found no queue.
    pub(super) fn rings_in_vain(&self) -> bool {
        self.rings_in_vain.load(Ordering::Relaxed)
    }

    /// The last doorbell found the queue, or did not.
    pub(super) fn set_rings_in_vain(&self, in_vain: bool) {
        self.rings_in_vain.store(in_vain, Ordering::Relaxed);
    }

    /// Somebody has just been seen to lead, this coordinator or another.
    pub(super) fn is_led(&self) {
        *self.led.lock().unwrap_or_else(PoisonError::into_inner) = std::time::Instant::now();
    }

    /// How long nobody has been seen to lead.
    pub(super) fn leaderless_for(&self) -> Duration {
        self.led.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    /// Jobs whose data are being frozen, and since when. Never held over an await.
    pub(crate) fn freezing(&self) -> MutexGuard<'_, HashMap<JobId, Instant>> {
        self.freezing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jobs with a result to record or a verdict to find, and whom to tell. Never held over an await.
    pub(crate) fn results(&self) -> MutexGuard<'_, HashMap<JobId, Option<Claim>>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job has ended.
    pub(crate) fn ended(&self, job: JobId) {
        let _nobody_waits = self.ends.send(job);
    }

    /// The jobs that end from now on, as far as this coordinator ends them.
    pub(crate) fn ends(&self) -> broadcast::Receiver<JobId> {
        self.ends.subscribe()
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}
