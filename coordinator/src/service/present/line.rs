//! What jobs that have not ended wait for: read once for all jobs shown.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use common::vocabulary::{JobId, JobState, ModelKey, Needs, Pool, Timestamp};

use crate::db::{
    self, Scope, Transaction,
    jobs::Job,
    pauses::{Closed, Pause},
};
use crate::domain::due::is_due;
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::lines::{self, Outlook};
use crate::views::{BlockedView, Blocker};

/// What is true of the whole line.
pub(super) struct Line {
    places: HashMap<JobId, u64>,
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

/// What keeps a job in the line until somebody does something about it.
pub(super) enum Blocked<'a> {
    PausedModel(&'a ModelKey, &'a Pause),
    ClosedPool(&'a Pool, &'a Closed),
    /// No worker can ever run it: why.
    Never(String),
    /// No worker of its pool lives.
    NoWorker(&'a Pool),
    /// None that lives has a device such as it needs: what they lack.
    NoDevice(&'a Pool, String),
}

impl Line {
    pub(super) async fn read(core: &Core, view: &mut Transaction, jobs: &[Job]) -> Result<Self> {
        let waiting: Vec<&Job> = jobs.iter().filter(|job| job.state() == JobState::Queued).collect();
        let places = match waiting.as_slice() {
            [] => HashMap::new(),
            [job] => HashMap::from([(job.id, db::line::place(view, job).await?)]),
            _ => db::line::places(view).await?,
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
            let place = lines::place(core, pool);
            let slots = core.fleet().slots(&place);
            (pool.clone(), Stand { closed: closed.remove(pool), slots, stand_in: Some(place).filter(|p| p != pool) })
        };
        let pools = names.into_iter().map(&mut stand).collect();
        let troubles = core.troubles().all().map(|(job, trouble)| (job, trouble.why.clone())).collect();
        let refused = jobs.iter().filter_map(|job| Some((job.id, core.fleet().refused(job.holder()?)?.to_owned())));
        let refused = refused.collect();
        let (aging, backoff) = (core.settings.priority.aging_interval, core.retry.backoff_cap);
        Ok(Self { places, pools, paused, refused, outlook, troubles, aging, backoff, now: Timestamp::now() })
    }

    /// The place of a waiting job, from 1.
    pub(super) fn place_of(&self, job: &Job) -> Option<u64> {
        self.places.get(&job.id).copied()
    }

    /// Points for having waited, of jobs that still do: 5 for each aging interval, sooner.
    pub(super) fn waiting(&self, job: &Job) -> Option<f64> {
        let waited = self.now.seconds_since(job.enqueued_at);
        let points = -5.0 * waited / self.aging.as_secs_f64();
        Some(points).filter(|points| job.state() == JobState::Queued && *points < -0.05)
    }

    /// What keeps a waiting job in the line until somebody does something.
    pub(super) fn blocked<'a>(&'a self, job: &'a Job) -> Option<Blocked<'a>> {
        if job.state() != JobState::Queued || job.life.cancelling {
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

    /// Why a job is where it is.
    pub(super) fn why(&self, job: &Job) -> String {
        if let Some(trouble) = self.troubles.get(&job.id).filter(|_| !job.state().is_ended()) {
            return format!("held up, and looked at again soon: {trouble}");
        }
        let after = if job.why.is_empty() { String::new() } else { format!(" ({})", job.why) };
        let elsewhere = match &job.stand_in {
            Some(place) => format!(" in pool {place}, for no worker of pool {} lives", job.pool),
            None => String::new(),
        };
        match job.state() {
            JobState::Queued => format!("{}{after}", self.waits(job)),
            JobState::Dispatched if self.pools.get(&job.pool).is_some_and(|stand| stand.slots == 0) => {
                format!("its doorbell is out, and waits: no live worker in pool {}{after}", job.place())
            }
            JobState::Dispatched => {
                format!("its doorbell is out; a worker of pool {} will claim it{after}", job.place())
            }
            JobState::Running => {
                let worker = job.holder().map(|claim| claim.worker.to_string()).unwrap_or_default();
                let yields = if job.life.yielding { ", and has been asked to give it back" } else { "" };
                let result = match self.refused.get(&job.id) {
                    Some(why) => format!("; its result waits for the store: {why}"),
                    None => String::new(),
                };
                format!("worker {worker} holds it{elsewhere}{yields}{result}{after}")
            }
            JobState::Judging => "its result is recorded and being judged".into(),
            JobState::Completed | JobState::Failed | JobState::Cancelled => job.why.clone(),
        }
    }

    /// What a waiting job waits for: the first thing that must change.
    fn waits(&self, job: &Job) -> String {
        if job.life.cancelling {
            return "it is being cancelled".into();
        }
        if let Some(blocked) = self.blocked(job) {
            return blocked.words();
        }
        if let Some(at) = self.retry(job) {
            return format!("it is tried again at {at}");
        }
        let (pool, slots) = (&job.pool, self.slots(job));
        if slots == 0 {
            return Blocked::NoWorker(pool).words();
        }
        if job.spec.is_none() {
            return "its rows are not frozen yet".into();
        }
        let place = self.pools.get(pool).and_then(|stand| stand.stand_in.as_ref());
        match (self.place_of(job), place) {
            (_, Some(place)) => {
                let slots = if slots == 1 { "the slot".into() } else { format!("one of {slots} slots") };
                format!("waits for {slots} of pool {place}, for no worker of pool {pool} lives")
            }
            (Some(position), None) if slots == 1 => format!("place {position} in the line for 1 slot of pool {pool}"),
            (Some(position), None) => format!("place {position} in the line for {slots} slots of pool {pool}"),
            (None, None) => format!("beyond place {} in the line of pool {pool}", db::line::PLACES),
        }
    }

    /// Slots where a job would be handed out.
    fn slots(&self, job: &Job) -> u32 {
        self.pools.get(&job.pool).map_or(0, |stand| stand.slots)
    }

    /// When a job that has failed is tried again, while that is to come.
    fn retry(&self, job: &Job) -> Option<Timestamp> {
        job.life.not_before.filter(|at| !is_due(*at, self.now, self.backoff))
    }

    /// Why no worker can ever run a job; where slots are waiting and it needs nothing special, one can.
    fn never(&self, job: &Job, slots: u32) -> Option<String> {
        let special = slots == 0 || job.needs() != Needs::default();
        self.outlook.as_ref().filter(|_| special)?.never(&job.pool, &job.needs())
    }

    /// What no live worker of its pool has and a job needs.
    fn lacking(&self, job: &Job) -> Option<String> {
        self.outlook.as_ref()?.lacking(&job.pool, &job.needs())
    }
}

impl Blocked<'_> {
    fn words(&self) -> String {
        match self {
            Self::PausedModel(_, pause) => format!("its model is paused {}", pause.words()),
            Self::ClosedPool(pool, closed) => {
                format!("pool {pool} is {} {}", if closed.drain { "drained" } else { "paused" }, closed.pause.words())
            }
            Self::Never(why) => why.clone(),
            Self::NoWorker(pool) => format!("waits: no live worker in pool {pool}"),
            Self::NoDevice(pool, lacking) => format!("waits: no live worker in pool {pool} has {lacking}"),
        }
    }

    /// What would let the job go on.
    fn next(&self) -> String {
        match self {
            Self::PausedModel(model, _) => format!("`refit resume {model}` lets it go on"),
            Self::ClosedPool(pool, _) => format!("`refit pool resume {pool}` lets it go on"),
            Self::Never(_) => "`refit pool list` shows what each pool offers".into(),
            Self::NoWorker(pool) => format!("`refit-worker run --pools {pool}` starts one"),
            Self::NoDevice(..) => {
                "`refit-worker devices` on a worker's machine says what it has, and why no more".into()
            }
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
        Self { by, text: blocked.words(), next: blocked.next() }
    }
}
