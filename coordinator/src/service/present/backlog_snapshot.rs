//! What jobs that have not ended wait for: read once for all jobs shown.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use common::vocabulary::{JobId, JobState, ModelKey, Needs, Pool, Timestamp};
use domain::due::is_due;
use domain::job_status::{JobStatus, NextStep};
use domain::offers::{Never, Wanted};

use crate::db::{
    self, Scope, Transaction,
    jobs::Job,
    pauses::{Closed, Pause},
};
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::backlogs::{self, Outlook};
use crate::views::{BlockedView, Blocker};
use crate::wording;

/// What is true of the whole backlog.
pub(super) struct BacklogSnapshot {
    positions: HashMap<JobId, u64>,
    pools: BTreeMap<Pool, Stand>,
    paused: BTreeMap<ModelKey, Pause>,
    /// Why the store does not take results that are finished.
    refused: HashMap<JobId, String>,
    /// Of all live workers, once all must have been heard.
    outlook: Option<Outlook>,
    /// What is wrong with jobs themselves.
    troubles: HashMap<JobId, String>,
    aging: Duration,
    /// The longest that a retry is put off, seconds.
    backoff: f64,
    now: Timestamp,
}

/// What a job of a pool waits for.
struct Stand {
    closed: Option<Closed>,
    /// Slots where its jobs are handed out.
    slots: u32,
    /// Where that is, if not there.
    stand_in: Option<Pool>,
}

/// What keeps a job in the backlog until somebody does something about it.
pub(super) enum Blocked<'a> {
    PausedModel(&'a ModelKey, &'a Pause),
    ClosedPool(&'a Pool, &'a Closed),
    /// No worker can ever run it: why.
    Never(Never),
    /// No worker of its pool lives.
    NoWorker(&'a Pool),
    /// None that lives has a device such as it needs: what they lack.
    NoDevice(&'a Pool, Wanted),
}

impl BacklogSnapshot {
    pub(super) async fn read(core: &Core, view: &mut Transaction, jobs: &[Job]) -> Result<Self> {
        let waiting: Vec<&Job> = jobs.iter().filter(|job| job.state() == JobState::Queued).collect();
        let positions = match waiting.as_slice() {
            [] => HashMap::new(),
            [job] => HashMap::from([(job.id, db::backlog::position(view, job).await?)]),
            _ => db::backlog::positions(view).await?,
        };
        let outlook = core.fleet().knows_all();
        let outlook = outlook.then(|| Outlook::now(core));
        let (mut paused, mut closed) = (BTreeMap::new(), BTreeMap::new());
        let unended = jobs.iter().filter(|job| !job.state().is_ended());
        let models: BTreeSet<&ModelKey> = unended.clone().filter_map(|job| job.model.as_ref()).collect();
        let models: Vec<ModelKey> = models.into_iter().cloned().collect();
        if unended.count() > 0 {
            paused = db::pauses::models(view, Scope::Of(&models)).await?;
            closed = db::pauses::closed(view).await?;
        }
        let names: BTreeSet<&Pool> = jobs.iter().map(|job| &job.pool).collect();
        let mut stand = |pool: &Pool| {
            let dispatch_pool = backlogs::dispatch_pool(core, pool);
            let slots = core.fleet().slots(&dispatch_pool);
            (
                pool.clone(),
                Stand { closed: closed.remove(pool), slots, stand_in: Some(dispatch_pool).filter(|p| p != pool) },
            )
        };
        let pools = names.into_iter().map(&mut stand).collect();
        let troubles = core.troubles().all().map(|(job, trouble)| (job, trouble.reason.clone())).collect();
        let refused = jobs.iter().filter_map(|job| Some((job.id, core.fleet().refused(job.holder()?)?.to_owned())));
        let refused = refused.collect();
        let (aging, backoff) = (core.settings.priority.aging_interval, core.retry.backoff_cap);
        Ok(Self { positions, pools, paused, refused, outlook, troubles, aging, backoff, now: Timestamp::now() })
    }

    /// The position of a waiting job, from 1.
    pub(super) fn position_of(&self, job: &Job) -> Option<u64> {
        self.positions.get(&job.id).copied()
    }

    /// Points for having waited, of jobs that still do: 5 for each aging interval, sooner.
    pub(super) fn waiting(&self, job: &Job) -> Option<f64> {
        let waited = self.now.seconds_since(job.enqueued_at);
        let points = -5.0 * waited / self.aging.as_secs_f64();
        Some(points).filter(|points| job.state() == JobState::Queued && *points < -0.05)
    }

    /// What keeps a waiting job in the backlog until somebody does something.
    pub(super) fn blocked<'a>(&'a self, job: &'a Job) -> Option<Blocked<'a>> {
        if job.state() != JobState::Queued || job.lifecycle.cancelling {
            return None;
        }
        let paused = job.model.as_ref().and_then(|model| Some(Blocked::PausedModel(model, self.paused.get(model)?)));
        let stand = self.pools.get(&job.pool);
        let closed = || Some(Blocked::ClosedPool(&job.pool, stand?.closed.as_ref()?));
        let slots = self.slots(job);
        let deserted = || {
            let known = slots == 0 && self.outlook.is_some() && self.retry(job).is_none();
            known.then_some(Blocked::NoWorker(&job.pool))
        };
        let unsuited = || Some(Blocked::NoDevice(&job.pool, self.lacking(job)?));
        let never = || self.never(job, slots).map(Blocked::Never);
        paused.or_else(closed).or_else(never).or_else(deserted).or_else(unsuited)
    }

    /// Where a job stands; nothing of one that has ended.
    pub(super) fn status(&self, job: &Job) -> Option<JobStatus> {
        if let Some(trouble) = self.troubles.get(&job.id).filter(|_| !job.state().is_ended()) {
            return Some(JobStatus::HeldUp { trouble: trouble.clone() });
        }
        let pool = job.dispatch_pool().clone();
        match job.state() {
            JobState::Queued => Some(self.waits(job)),
            JobState::Dispatched if self.pools.get(&job.pool).is_some_and(|stand| stand.slots == 0) => {
                Some(JobStatus::Unheard { pool })
            }
            JobState::Dispatched => Some(JobStatus::Dispatched { pool }),
            JobState::Running => Some(JobStatus::Held {
                worker: job.holder()?.worker,
                dispatch_pool: job.stand_in.clone(),
                pool: job.pool.clone(),
                yielding: job.lifecycle.yielding,
                refused: self.refused.get(&job.id).cloned(),
            }),
            JobState::Judging => Some(JobStatus::Judging),
            JobState::Completed | JobState::Failed | JobState::Cancelled => None,
        }
    }

    /// What a waiting job waits for: the first thing that must change.
    fn waits(&self, job: &Job) -> JobStatus {
        if job.lifecycle.cancelling {
            return JobStatus::Cancelling;
        }
        if let Some(blocked) = self.blocked(job) {
            return blocked.status();
        }
        if let Some(at) = self.retry(job) {
            return JobStatus::TriedAgain { at: at.utc() };
        }
        let (pool, slots) = (job.pool.clone(), self.slots(job));
        if slots == 0 {
            return JobStatus::NoWorker { pool };
        }
        if job.spec.is_none() {
            return JobStatus::NotFrozen;
        }
        let dispatch_pool = self.pools.get(&pool).and_then(|stand| stand.stand_in.clone());
        match (self.position_of(job), dispatch_pool) {
            (_, Some(dispatch_pool)) => JobStatus::StandIn { slots, dispatch_pool, pool },
            (Some(position), None) => JobStatus::InLine { position, slots, pool },
            (None, None) => JobStatus::FarBack { counted: db::backlog::COUNTED_POSITIONS.into(), pool },
        }
    }

    /// Slots where a job would be handed out.
    fn slots(&self, job: &Job) -> u32 {
        self.pools.get(&job.pool).map_or(0, |stand| stand.slots)
    }

    /// When a job that has failed is tried again, while that is to come.
    fn retry(&self, job: &Job) -> Option<Timestamp> {
        job.lifecycle.not_before.filter(|at| !is_due(*at, self.now, self.backoff))
    }

    /// Why no worker can ever run a job; where slots are waiting and it needs nothing special, one can.
    fn never(&self, job: &Job, slots: u32) -> Option<Never> {
        let special = slots == 0 || job.needs() != Needs::default();
        self.outlook.as_ref().filter(|_| special)?.never(&job.pool, &job.needs())
    }

    /// What no live worker of its pool has and a job needs.
    fn lacking(&self, job: &Job) -> Option<Wanted> {
        self.outlook.as_ref()?.lacking(&job.pool, &job.needs())
    }
}

impl Blocked<'_> {
    fn status(&self) -> JobStatus {
        match self {
            Self::PausedModel(_, pause) => {
                JobStatus::ModelPaused { since: pause.at.utc(), reason: pause.given_reason() }
            }
            Self::ClosedPool(pool, Closed { pause, drain }) => {
                let (pool, since, reason) = ((*pool).clone(), pause.at.utc(), pause.given_reason());
                match drain {
                    true => JobStatus::PoolDrained { pool, since, reason },
                    false => JobStatus::PoolPaused { pool, since, reason },
                }
            }
            Self::Never(reason) => JobStatus::NoSuchWorker { reason: reason.clone() },
            Self::NoWorker(pool) => JobStatus::NoWorker { pool: (*pool).clone() },
            Self::NoDevice(pool, needs) => JobStatus::NoDevice { pool: (*pool).clone(), needs: *needs },
        }
    }

    /// What would let the job go on.
    fn next(&self) -> NextStep {
        match self {
            Self::PausedModel(model, _) => NextStep::ResumeModel { model: (*model).clone() },
            Self::ClosedPool(pool, _) => NextStep::ResumePool { pool: (*pool).clone() },
            Self::Never(_) => NextStep::ListPools,
            Self::NoWorker(pool) => NextStep::StartWorker { pool: (*pool).clone() },
            Self::NoDevice(..) => NextStep::ListDevices,
        }
    }
}

impl From<Blocked<'_>> for BlockedView {
    fn from(blocked: Blocked<'_>) -> Self {
        let by = match &blocked {
            Blocked::PausedModel(..) => Blocker::PausedModel,
            Blocked::ClosedPool(..) => Blocker::ClosedPool,
            Blocked::Never(_) => Blocker::NoSuchWorker,
            Blocked::NoWorker(_) | Blocked::NoDevice(..) => Blocker::NoWorker,
        };
        Self { by, text: wording::text(&blocked.status()), next: wording::text(&blocked.next()) }
    }
}
