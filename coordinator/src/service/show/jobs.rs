//! Jobs as they are shown: place in the line, why they wait, how they went.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use common::vocabulary::{JobId, JobKind, JobState, ModelKey, Needs, Pool, Timestamp};
use newtype_uuid::GenericUuid;

use super::super::core::Core;
use super::super::lines::{self, Outlook};
use super::super::{Error, Result};
use crate::db::{
    self, Transaction,
    attempts::{Attempt, Ended},
    batches::Batch,
    jobs::Job,
    pauses::{Closed, Pause},
    versions::Version,
};
use crate::views::{AttemptView, BatchView, Event, JobFilter, JobView, TermView};

/// Jobs that are shown unless another number is asked for.
const SHOWN: u32 = 200;

/// What is true of the whole line, read once for all jobs shown.
struct Line {
    places: HashMap<JobId, u64>,
    pools: BTreeMap<Pool, Stand>,
    paused: BTreeMap<ModelKey, Pause>,
    /// Of all live workers, once all must have been heard.
    outlook: Option<Outlook>,
    aging: Duration,
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

impl Line {
    async fn read(core: &Core, view: &mut Transaction, jobs: &[Job]) -> Result<Self> {
        let waiting: Vec<&Job> = jobs.iter().filter(|job| job.state() == JobState::Queued).collect();
        let places = match waiting.as_slice() {
            [] => HashMap::new(),
            [job] => HashMap::from([(job.id, db::line::place(view, job).await?)]),
            _ => db::line::places(view).await?,
        };
        let outlook = core.fleet().knows_all();
        let outlook = outlook.then(|| Outlook::now(core));
        let (mut paused, mut closed) = (BTreeMap::new(), BTreeMap::new());
        if jobs.iter().any(|job| !job.state().is_ended()) {
            paused = db::pauses::models(view).await?;
            closed = db::pauses::closed(view).await?;
        }
        let names: BTreeSet<&Pool> = jobs.iter().map(|job| &job.pool).collect();
        let mut stand = |pool: &Pool| {
            let place = lines::place(core, pool);
            let slots = core.fleet().slots(&place);
            (pool.clone(), Stand { closed: closed.remove(pool), slots, stand_in: Some(place).filter(|p| p != pool) })
        };
        let pools = names.into_iter().map(&mut stand).collect();
        Ok(Self { places, pools, paused, outlook, aging: core.settings.priority.aging_interval, now: Timestamp::now() })
    }
}

impl Line {
    /// Why no worker can ever run a job; where slots are waiting and it needs nothing special, one can.
    fn never(&self, job: &Job, slots: u32) -> Option<String> {
        let special = slots == 0 || job.needs() != Needs::default();
        self.outlook.as_ref().filter(|_| special)?.never(&job.pool, &job.needs())
    }
}

/// One job.
pub(in super::super) async fn one(core: &Core, id: JobId) -> Result<JobView> {
    let mut view = core.db.snapshot().await?;
    let unknown = || Error::not_found(format!("job {id}"));
    let job = db::jobs::get(&mut view, id).await?.ok_or_else(unknown)?;
    show(core, &mut view, vec![job]).await?.pop().ok_or_else(unknown)
}

/// Jobs like a filter.
pub(in super::super) async fn all(core: &Core, filter: JobFilter) -> Result<Vec<JobView>> {
    let state = filter.state.as_deref().map(str::parse::<JobState>).transpose()?;
    let model = filter.model.as_deref().map(str::parse).transpose()?;
    let mut view = core.db.snapshot().await?;
    let jobs = db::line::list(&mut view, state, model.as_ref(), filter.limit.unwrap_or(SHOWN)).await?;
    show(core, &mut view, jobs).await
}

/// Tells whoever listens that a job has changed.
pub(in super::super) async fn changed(core: &Core, id: JobId) {
    if !core.has_listeners() {
        return;
    }
    match one(core, id).await {
        Ok(job) => core.emit(Event::Job { job: Box::new(job) }),
        Err(error) => tracing::warn!(job = %id, %error, "a change of the job cannot be shown"),
    }
}

/// A handful of statements, whatever the number of jobs.
async fn show(core: &Core, view: &mut Transaction, jobs: Vec<Job>) -> Result<Vec<JobView>> {
    let line = Line::read(core, view, &jobs).await?;
    let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    let mut ended = db::attempts::of(view, &ids).await?;
    let mut versions = db::versions::of_jobs(view, &ids).await?;
    let batched: Vec<JobId> = jobs.iter().filter(|job| job.kind == JobKind::Predict).map(|job| job.id).collect();
    let mut batches = db::batches::of_jobs(view, &batched).await?;
    let progress = core.progress();
    let present = |job: Job| {
        let id = job.id;
        let ended = ended.remove(&id).unwrap_or_default();
        let batch = batches.remove(&id).map(BatchView::from);
        JobView { batch, ..present(&line, job, ended, versions.remove(&id), progress.get(&id).cloned()) }
    };
    Ok(jobs.into_iter().map(present).collect())
}

fn present(
    line: &Line,
    job: Job,
    ended: Vec<Ended>,
    version: Option<Version>,
    progress: Option<crate::views::ProgressView>,
) -> JobView {
    let waiting = waiting(line, &job);
    let state = job.state().to_string();
    let running = job.state() == JobState::Running;
    let waits = job.state() == JobState::Queued;
    let position = line.places.get(&job.id).copied();
    let why = why(line, &job, position);
    let under_way = job.under_way();
    let mut terms = job.terms;
    terms.extend(waiting.map(|points| TermView { name: "waiting".into(), points }));
    JobView {
        id: job.id.into_untyped_uuid(),
        kind: job.kind.to_string(),
        model: job.model.map(String::from),
        mode: job.mode.map(|mode| mode.to_string()),
        pool: job.pool.to_string(),
        stand_in: job.stand_in.filter(|_| !waits).map(String::from),
        preemptions: job.life.preemptions,
        slot_free_seconds: job.freed_after,
        state,
        score: job.score + waiting.unwrap_or(0.0),
        terms,
        position,
        why,
        enqueued_at: job.enqueued_at.utc(),
        as_of: job.as_of.utc(),
        started_at: job.started_at.map(Timestamp::utc),
        ended_at: job.ended_at.map(Timestamp::utc),
        attempts: attempts(ended, under_way),
        progress: progress.filter(|_| running),
        curve: job.curve,
        reproduces: job.reproduces.map(|number| number.to_string()),
        version: version.as_ref().map(|v| v.number.to_string()),
        verdict: version.and_then(|v| v.verdict),
        comparison: job.comparison,
        batch: None,
    }
}

impl From<Batch> for BatchView {
    fn from(batch: Batch) -> Self {
        Self {
            version: batch.version.to_string(),
            rows: batch.rows,
            output: batch.output.map(|output| output.to_string()),
        }
    }
}

/// Points for having waited, of jobs that still do: 5 for each aging interval, sooner.
fn waiting(line: &Line, job: &Job) -> Option<f64> {
    let waited = line.now.seconds_since(job.enqueued_at);
    match job.state() {
        JobState::Queued => Some(-5.0 * waited / line.aging.as_secs_f64()).filter(|points| *points < -0.05),
        JobState::Dispatched
        | JobState::Running
        | JobState::Judging
        | JobState::Completed
        | JobState::Failed
        | JobState::Cancelled => None,
    }
}

fn why(line: &Line, job: &Job, position: Option<u64>) -> String {
    let after = if job.why.is_empty() { String::new() } else { format!(" ({})", job.why) };
    let elsewhere = match &job.stand_in {
        Some(place) => format!(" in pool {place}, for no worker of pool {} lives", job.pool),
        None => String::new(),
    };
    match job.state() {
        JobState::Queued => format!("{}{after}", waits(line, job, position)),
        JobState::Dispatched if line.pools.get(&job.pool).is_some_and(|stand| stand.slots == 0) => {
            format!("its doorbell is out, and waits: no live worker in pool {}{after}", job.place())
        }
        JobState::Dispatched => format!("its doorbell is out; a worker of pool {} will claim it{after}", job.place()),
        JobState::Running => {
            let worker = job.holder().map(|claim| claim.worker.to_string()).unwrap_or_default();
            let yields = if job.life.yielding { ", and has been asked to give it back" } else { "" };
            format!("worker {worker} holds it{elsewhere}{yields}{after}")
        }
        JobState::Judging => "its result is recorded and being judged".into(),
        JobState::Completed | JobState::Failed | JobState::Cancelled => job.why.clone(),
    }
}

/// What a waiting job waits for: the first thing that must change.
fn waits(line: &Line, job: &Job, position: Option<u64>) -> String {
    let pool = &job.pool;
    let stand = line.pools.get(pool);
    let slots = stand.map_or(0, |stand| stand.slots);
    let place = stand.and_then(|stand| stand.stand_in.as_ref());
    if job.life.cancelling {
        "it is being cancelled".into()
    } else if let Some(pause) = job.model.as_ref().and_then(|model| line.paused.get(model)) {
        format!("its model is paused {}", pause.words())
    } else if let Some(closed) = stand.and_then(|stand| stand.closed.as_ref()) {
        format!("pool {pool} is {} {}", if closed.drain { "drained" } else { "paused" }, closed.pause.words())
    } else if let Some(never) = line.never(job, slots) {
        never
    } else if let Some(at) = job.life.not_before.filter(|at| *at > line.now) {
        format!("it is tried again at {at}")
    } else if slots == 0 {
        format!("waits: no live worker in pool {pool}")
    } else if job.spec.is_none() {
        "its bars are not frozen yet".into()
    } else {
        match (position, place) {
            (_, Some(place)) => {
                format!("waits for one of {slots} slots of pool {place}, for no worker of pool {pool} lives")
            }
            (Some(position), None) => format!("place {position} in the line for {slots} slots of pool {pool}"),
            (None, None) => format!("beyond place {} in the line of pool {pool}", db::line::PLACES),
        }
    }
}

fn attempts(ended: Vec<Ended>, under_way: Option<Attempt>) -> Vec<AttemptView> {
    let view = |attempt: Attempt| AttemptView {
        number: attempt.number,
        worker: attempt.worker.map(|id| id.into_untyped_uuid()),
        started_at: attempt.started_at.map(Timestamp::utc),
        ended_at: None,
        outcome: None,
        message: None,
        resumed_from: attempt.resumed_from,
    };
    let over = |ended: Ended| AttemptView {
        ended_at: Some(ended.at.utc()),
        outcome: Some(ended.outcome),
        message: ended.message,
        ..view(ended.attempt)
    };
    ended.into_iter().map(over).chain(under_way.map(view)).collect()
}
