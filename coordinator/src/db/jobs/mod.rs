//! Jobs: one row each, the truth about it. Every change is a compare-and-swap on the row's revision.

mod record;
mod write;

use std::collections::HashMap;

use common::telemetry::TraceContext;
use common::vocabulary::{
    AttemptId, CurvePoint, JobId, JobKind, JobSpec, JobState, Mode, ModelKey, Needs, Pool, Timestamp, VersionNumber,
};
use common::wire::Claim;
use domain::job_reason::JobReason;
use domain::score::order_key;
use domain::transition::{Lifecycle, State};
use newtype_uuid::GenericUuid;
use uuid::Uuid;

pub(crate) use self::record::{ComparisonRecord, Purpose, Request};
pub(crate) use self::write::{advance, insert, save, set_curve, set_freed};
use super::attempts::Attempt;
use super::terms::TermRecord;
use super::{Connection, Error, Result, Row, lists, sql};
use crate::wording::StoredMessage as _;

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Job {
    /// Its id.
    pub(crate) id: JobId,
    /// What it does.
    pub(crate) kind: JobKind,
    /// Its model.
    pub(crate) model: Option<ModelKey>,
    /// How that is trained.
    pub(crate) mode: Option<Mode>,
    /// Where it may run.
    pub(crate) pool: Pool,
    /// The pool it was handed out to instead of that.
    pub(crate) stand_in: Option<Pool>,
    /// Points, lower is sooner.
    pub(crate) score: f64,
    /// Score and time of enqueuing in one: the order of the backlog.
    pub(crate) order_key: f64,
    /// The terms of the score.
    pub(crate) terms: Vec<TermRecord>,
    /// When it entered the backlog.
    pub(crate) enqueued_at: Timestamp,
    /// The "now" of the decision behind it.
    pub(crate) as_of: Timestamp,
    /// What was asked for, before its data are frozen; a probe has no data.
    pub(crate) request: Option<Request>,
    /// The whole job, once its data are frozen.
    pub(crate) spec: Option<JobSpec>,
    /// Bars it is given, of its longest series.
    pub(crate) data_rows: u64,
    /// The newest import it is given.
    pub(crate) data_import: i64,
    /// `live_seq` of the champion it is scored against.
    pub(crate) champion_seq: u64,
    /// The version it repeats.
    pub(crate) reproduces: Option<VersionNumber>,
    /// Where it stands in its lifecycle.
    pub(crate) lifecycle: Lifecycle,
    /// When it last left the backlog.
    pub(crate) dispatched_at: Option<Timestamp>,
    /// When it was last claimed.
    pub(crate) started_at: Option<Timestamp>,
    /// The step of the checkpoint it then went on from.
    pub(crate) resumed_from: Option<u64>,
    /// When it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// Why it ended as it did, or is where it is.
    pub(crate) reason: Option<JobReason>,
    /// Loss per epoch, of the latest attempt that told any.
    pub(crate) curve: Vec<CurvePoint>,
    /// Seconds from its cancellation until its slot was free.
    pub(crate) freed_after: Option<f64>,
    /// For a reproduction that has ended.
    pub(crate) comparison: Option<ComparisonRecord>,
    /// The root of its trace, if the coordinator that put it into the backlog exports any.
    pub(crate) trace: Option<TraceContext>,
    /// What compare-and-swap compares.
    pub(crate) revision: i64,
}

impl Job {
    /// A job that enters the backlog now, with nothing known of it but its position. `aging`: seconds of waiting that are worth five points.
    pub(crate) fn entering(kind: JobKind, pool: Pool, score: f64, aging: f64) -> Self {
        let now = Timestamp::now();
        Self {
            id: JobId::from_untyped_uuid(Uuid::now_v7()),
            kind,
            model: None,
            mode: None,
            pool,
            stand_in: None,
            score,
            order_key: order_key(score, now, aging),
            terms: Vec::new(),
            enqueued_at: now,
            as_of: now,
            request: None,
            spec: None,
            data_rows: 0,
            data_import: 0,
            champion_seq: 0,
            reproduces: None,
            lifecycle: Lifecycle::new(sealed(kind), 0),
            dispatched_at: None,
            started_at: None,
            resumed_from: None,
            ended_at: None,
            reason: None,
            curve: Vec::new(),
            freed_after: None,
            comparison: None,
            trace: None,
            revision: 0,
        }
    }

    /// The word for where it stands.
    pub(crate) fn state(&self) -> JobState {
        self.lifecycle.state.word()
    }

    /// What it needs of a device, beyond its pool.
    pub(crate) fn needs(&self) -> Needs {
        self.request.as_ref().map(|request| request.needs).unwrap_or_default()
    }

    /// The version it scores again.
    pub(crate) fn challenger(&self) -> Option<VersionNumber> {
        self.request.as_ref().and_then(|request| request.challenger)
    }

    /// The claim that holds it, while it runs.
    pub(crate) fn holder(&self) -> Option<Claim> {
        match self.lifecycle.state {
            State::Running { claim } => Some(claim),
            State::Queued { .. }
            | State::Dispatched { .. }
            | State::Judging { .. }
            | State::Completed
            | State::Failed { .. }
            | State::Cancelled => None,
        }
    }

    /// An attempt at it, as far as its row tells: the one under way.
    pub(crate) fn attempt(&self, id: AttemptId) -> Attempt {
        let holder = self.holder();
        let held = |at: Option<Timestamp>| at.filter(|_| holder.is_some());
        Attempt {
            id,
            job: self.id,
            number: self.lifecycle.number + u32::from(self.state() == JobState::Dispatched),
            dispatched_at: self.dispatched_at.unwrap_or(self.enqueued_at),
            claim: holder.map(|claim| claim.claim),
            worker: holder.map(|claim| claim.worker),
            started_at: held(self.started_at),
            resumed_from: self.resumed_from.filter(|_| holder.is_some()),
        }
    }

    /// The attempt under way, from its dispatch to its end.
    pub(crate) fn under_way(&self) -> Option<Attempt> {
        match self.lifecycle.state {
            State::Dispatched { attempt, .. } => Some(self.attempt(attempt)),
            State::Running { claim } => Some(self.attempt(claim.attempt)),
            State::Queued { .. }
            | State::Judging { .. }
            | State::Completed
            | State::Failed { .. }
            | State::Cancelled => None,
        }
    }

    /// The pool whose workers hear its doorbell.
    pub(crate) fn dispatch_pool(&self) -> &Pool {
        self.stand_in.as_ref().unwrap_or(&self.pool)
    }

    /// The attempt whose seal could hold a result that is not recorded yet.
    pub(crate) fn open_attempt(&self) -> Option<AttemptId> {
        match self.lifecycle.state {
            State::Queued { unsettled } => unsettled,
            State::Dispatched { attempt, .. } => Some(attempt),
            State::Running { claim } => Some(claim.attempt),
            State::Judging { .. } | State::Completed | State::Failed { .. } | State::Cancelled => None,
        }
    }
}

/// One job.
pub(crate) async fn get(db: &mut Connection, id: JobId) -> Result<Option<Job>> {
    let row = sql("SELECT * FROM jobs WHERE id = $1").bind(id).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Those of some jobs that there are.
pub(crate) async fn get_all(db: &mut Connection, ids: &[JobId]) -> Result<HashMap<JobId, Job>> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in lists(ids) {
        for row in sql("SELECT * FROM jobs WHERE id IN ").one_of(ids.iter().copied()).fetch_all(&mut *db).await? {
            let job = read(&row)?;
            found.insert(job.id, job);
        }
    }
    Ok(found)
}

/// The active training of a model, if there is one.
pub(crate) async fn active_training(db: &mut Connection, model: &ModelKey) -> Result<Option<Job>> {
    let row = sql("SELECT * FROM jobs WHERE model = $1 AND kind = 'train' AND reproduces IS NULL
         AND state IN ('queued', 'dispatched', 'running', 'judging')")
    .bind(model.as_str())
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

pub(super) fn read(row: &Row) -> Result<Job> {
    let kind: JobKind = row.parsed("kind")?;
    let request: Option<Request> = row.json("request")?;
    let lifecycle = Lifecycle {
        state: read_state(row)?,
        sealed: sealed(kind),
        cancelling: row.flag("cancelling")?,
        yielding: row.flag("yielding")?,
        preemptions: row.small("preemptions")?,
        number: row.small("number")?,
        burnt: row.small("burnt")?,
        idle_losses: row.small("idle_losses")?,
        kept_step: row.count("kept_step")?,
        checkpoint: row.opt_json("checkpoint")?,
        batch_size: request.as_ref().and_then(|request| request.hyper.batch_size()).unwrap_or_default(),
        reduced_batch: row.opt_int("batch_size")?.and_then(|n| u32::try_from(n).ok()),
        not_before: row.opt_time("not_before")?,
    };
    Ok(Job {
        id: row.id("id")?,
        kind,
        model: row.opt_parsed("model")?,
        mode: row.opt_parsed("mode")?,
        pool: row.parsed("pool")?,
        stand_in: row.opt_parsed("stand_in")?,
        score: row.real("score")?,
        order_key: row.real("order_key")?,
        terms: row.json("terms")?,
        enqueued_at: row.time("enqueued_at")?,
        as_of: row.time("as_of")?,
        request,
        spec: row.opt_json("spec")?,
        data_rows: row.count("data_rows")?,
        data_import: row.int("data_import")?,
        champion_seq: row.count("champion_seq")?,
        reproduces: row.opt_parsed("reproduces")?,
        lifecycle,
        dispatched_at: row.opt_time("dispatched_at")?,
        started_at: row.opt_time("started_at")?,
        resumed_from: row.opt_int("resumed_from")?.and_then(|step| u64::try_from(step).ok()),
        ended_at: row.opt_time("ended_at")?,
        reason: read_reason(row)?,
        curve: row.json("curve")?,
        freed_after: row.opt_real("freed_after")?,
        comparison: row.opt_json("comparison")?,
        trace: row.opt_text("traceparent")?.and_then(|text| text.parse().ok()),
        revision: row.int("revision")?,
    })
}

/// What has happened to a job, if anything has.
fn read_reason(row: &Row) -> Result<Option<JobReason>> {
    Ok(Some(row.text("why")?).filter(|reason| !reason.is_empty()).map(JobReason::read))
}

fn read_state(row: &Row) -> Result<State> {
    let attempt = row.opt_id("attempt")?;
    let lacking =
        |column| Error::Corrupt { column, value: "nothing".into(), reason: "the job's state needs it".into() };
    Ok(match row.parsed("state")? {
        JobState::Queued => State::Queued { unsettled: attempt },
        JobState::Dispatched => State::Dispatched {
            attempt: attempt.ok_or_else(|| lacking("attempt"))?,
            at: row.opt_time("dispatched_at")?.ok_or_else(|| lacking("dispatched_at"))?,
        },
        JobState::Running => State::Running {
            claim: Claim {
                job: row.id("id")?,
                attempt: attempt.ok_or_else(|| lacking("attempt"))?,
                claim: row.opt_id("claim")?.ok_or_else(|| lacking("claim"))?,
                worker: row.opt_id("worker")?.ok_or_else(|| lacking("worker"))?,
            },
        },
        JobState::Judging => State::Judging { attempt: attempt.ok_or_else(|| lacking("attempt"))? },
        JobState::Completed => State::Completed,
        JobState::Failed => State::Failed { class: row.opt_parsed("failure")?.ok_or_else(|| lacking("failure"))? },
        JobState::Cancelled => State::Cancelled,
    })
}

/// Whether a kind of job leaves artifacts.
pub(crate) fn sealed(kind: JobKind) -> bool {
    match kind {
        JobKind::Train | JobKind::Trial | JobKind::Evaluate | JobKind::Monitor => true,
        JobKind::Predict | JobKind::Probe => false,
    }
}
