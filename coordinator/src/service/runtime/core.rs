//! What the loops and the facade share: ports, database, the fleet in memory, events.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::ports::{ArtifactStore, EventBus, JobQueue};
use common::settings::Settings;
use common::vocabulary::{CoordinatorId, JobId};
use domain::lease::Lease;
use domain::transition::RetryPolicy;
use tokio::sync::{Notify, broadcast};
use tokio::time::Instant;

use super::Fault;
use crate::db::Database;
use crate::service::state::answers::Answers;
use crate::service::state::bells::Bells;
use crate::service::state::board::Board;
use crate::service::state::events::Events;
use crate::service::state::fleet::Fleet;
use crate::service::state::lead::Lead;
use crate::service::state::predictions::Log;
use crate::service::state::pulse::Pulse;
use crate::service::state::recent::Recent;
use crate::service::state::results::Results;
use crate::service::state::slot_releases::SlotReleases;
use crate::service::state::stale::Stale;
use crate::service::state::still::Still;
use crate::service::state::tokens::Tokens;
use crate::service::state::trail::Trail;
use crate::service::state::transfers::Transfers;
use crate::service::state::troubles::Troubles;
use crate::service::state::violations::Violations;
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
    pub(crate) transfers: Transfers,
    /// Tokens of the API.
    pub(crate) tokens: Tokens,
    /// Calls that wait to be noted.
    pub(crate) trail: Trail,
    /// Whether all was well at the last look.
    pub(crate) pulse: Pulse,
    /// Models whose decisions are out of date.
    pub(crate) stale: Stale,
    /// Slots of cancelled jobs that are waited for.
    pub(crate) slot_releases: SlotReleases,
    /// Whether this coordinator leads, or another.
    pub(crate) lead: Lead,
    /// What happens, for whoever listens.
    pub(crate) events: Arc<Events>,
    /// Planted by tests.
    pub(crate) fault: Fault,
    /// Rung when the backlog or the free slots may have changed.
    pub(crate) backlog_changed: Notify,
    /// Results that wait to be recorded.
    pub(crate) results: Results,
    /// Rung when jobs near the front of the backlog may not be frozen.
    pub(crate) front_changed: Notify,
    /// Rung when a schedule may be due sooner than it was.
    pub(crate) schedules_changed: Notify,
    /// Rung when a run of a schedule waits to be done.
    pub(crate) runs_changed: Notify,
    /// Rung when a search may go on.
    pub(crate) searches_changed: Notify,
    /// Rung when somebody should know of something.
    pub(crate) alerts_changed: Notify,
    /// Rung when a message waits to be delivered.
    pub(crate) messages_changed: Notify,
    /// Rung when slots may have to be taken back.
    pub(crate) reclaim: Notify,
    /// How long workers may be silent.
    pub(crate) lease: Lease,
    freezing: Mutex<HashMap<JobId, Instant>>,
    fleet: Mutex<Fleet>,
    progress: Mutex<HashMap<JobId, ProgressView>>,
    violations: Mutex<Violations>,
    troubles: Mutex<Troubles>,
    board: Mutex<Board>,
    standing_still: Mutex<Vec<Still>>,
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
            ..RetryPolicy::default()
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
            slot_releases: SlotReleases::default(),
            lead: Lead::default(),
            events: Events::new(),
            fault,
            backlog_changed: Notify::new(),
            results: Results::default(),
            front_changed: Notify::new(),
            schedules_changed: Notify::new(),
            runs_changed: Notify::new(),
            searches_changed: Notify::new(),
            alerts_changed: Notify::new(),
            messages_changed: Notify::new(),
            reclaim: Notify::new(),
            freezing: Mutex::new(HashMap::new()),
            fleet: Mutex::new(Fleet::new(lease)),
            progress: Mutex::new(HashMap::new()),
            violations: Mutex::default(),
            troubles: Mutex::default(),
            board: Mutex::default(),
            standing_still: Mutex::default(),
            listened: Mutex::new(Instant::now()),
            ends: broadcast::channel(ENDS).0,
            lease,
            retry,
            settings,
        }
    }

    /// Whether this coordinator leads: it alone answers claims, dispatches, records and judges.
    pub(crate) fn leads(&self) -> bool {
        self.lead.is_ours()
    }

    /// The workers. Never held over an await.
    pub(crate) fn fleet(&self) -> MutexGuard<'_, Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where running jobs stand. Never held over an await.
    pub(crate) fn progress(&self) -> MutexGuard<'_, HashMap<JobId, ProgressView>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
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
    pub(crate) fn standing_still(&self) -> MutexGuard<'_, Vec<Still>> {
        self.standing_still.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jobs whose data are being frozen, and since when. Never held over an await.
    pub(crate) fn freezing(&self) -> MutexGuard<'_, HashMap<JobId, Instant>> {
        self.freezing.lock().unwrap_or_else(PoisonError::into_inner)
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
