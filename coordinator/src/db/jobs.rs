//! Jobs: one row each, the truth about it. Every change is a compare-and-swap on the row's revision.

use std::collections::{HashMap, HashSet};

use common::telemetry::TraceContext;
use common::vocabulary::{
    AttemptId, FailureClass, ForecasterHyper, JobId, JobKind, JobSpec, JobState, Mode, ModelKey, Needs, Pool,
    SplitPolicy, Timestamp, VersionNumber,
};
use common::wire::Claim;
use serde::{Deserialize, Serialize};

use super::{Connection, Error, Result, Row, lists, sql};
use crate::domain::transition::{Life, State};
use crate::views::{ComparisonView, CurveView, TermView};

/// What a job was asked for, before its data are frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The hyper-parameters in effect.
    pub(crate) hyper: ForecasterHyper,
    /// How rows are parted.
    pub(crate) split: SplitPolicy,
    /// Whether an incremental training also trains completely, to report the gap.
    pub(crate) yardstick: bool,
    /// The version an `evaluate` job scores again.
    pub(crate) challenger: Option<VersionNumber>,
    /// What it needs of a device, beyond its pool.
    #[serde(default)]
    pub(crate) needs: Needs,
    /// Why it was asked for, in words.
    pub(crate) because: String,
}

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
    /// Score and time of enqueuing in one: the order of the line.
    pub(crate) order_key: f64,
    /// The terms of the score.
    pub(crate) terms: Vec<TermView>,
    /// When it entered the line.
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
    /// Where it stands in its life.
    pub(crate) life: Life,
    /// When it was last claimed.
    pub(crate) started_at: Option<Timestamp>,
    /// When it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// Why it ended as it did, or waits, in words.
    pub(crate) why: String,
    /// Loss per epoch, of the latest attempt that told any.
    pub(crate) curve: Vec<CurveView>,
    /// Seconds from its cancellation until its slot was free.
    pub(crate) freed_after: Option<f64>,
    /// For a reproduction that has ended.
    pub(crate) comparison: Option<ComparisonView>,
    /// The root of its trace, if the coordinator that put it into the line exports any.
    pub(crate) trace: Option<TraceContext>,
    /// What compare-and-swap compares.
    pub(crate) revision: i64,
}

impl Job {
    /// The word for where it stands.
    pub(crate) fn state(&self) -> JobState {
        self.life.state.word()
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
        match self.life.state {
            State::Running { claim } => Some(claim),
            State::Queued { .. }
            | State::Dispatched { .. }
            | State::Judging { .. }
            | State::Completed
            | State::Failed { .. }
            | State::Cancelled => None,
        }
    }

    /// The pool whose workers hear its doorbell.
    pub(crate) fn place(&self) -> &Pool {
        self.stand_in.as_ref().unwrap_or(&self.pool)
    }

    /// The attempt whose seal could hold a result that is not recorded yet.
    pub(crate) fn open_attempt(&self) -> Option<AttemptId> {
        match self.life.state {
            State::Queued { unsettled } => unsettled,
            State::Dispatched { attempt, .. } => Some(attempt),
            State::Running { claim } => Some(claim.attempt),
            State::Judging { .. } | State::Completed | State::Failed { .. } | State::Cancelled => None,
        }
    }
}

/// Adds jobs to the line, and says which: one whose model already has an active training is left out.
pub(crate) async fn insert(db: &mut Connection, jobs: &[&Job]) -> Result<Vec<JobId>> {
    let mut entered = Vec::with_capacity(jobs.len());
    for chunk in lists(jobs) {
        let mut texts = Vec::with_capacity(chunk.len());
        for job in chunk {
            let spec = job.spec.as_ref().map(serde_json::to_string).transpose()?;
            texts.push((job, serde_json::to_string(&job.terms)?, serde_json::to_string(&job.request)?, spec));
        }
        let statement = sql(
            "INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request, spec,
                 data_rows, data_import, champion_seq, reproduces, why, traceparent) VALUES ",
        )
        .rows(texts, |(job, terms, request, spec)| {
            [
                job.id.into(),
                job.kind.as_str().into(),
                job.model.as_ref().map(ModelKey::as_str).into(),
                job.mode.map(Mode::as_str).into(),
                job.pool.as_str().into(),
                job.state().as_str().into(),
                job.score.into(),
                job.order_key.into(),
                terms.into(),
                job.enqueued_at.0.into(),
                job.as_of.0.into(),
                request.into(),
                spec.into(),
                (job.data_rows as i64).into(),
                job.data_import.into(),
                (job.champion_seq as i64).into(),
                job.reproduces.map(|v| v.to_string()).into(),
                (&job.why).into(),
                job.trace.map(String::from).into(),
            ]
        });
        for row in statement.then(" ON CONFLICT DO NOTHING RETURNING id").fetch_all(&mut *db).await? {
            entered.push(row.id("id")?);
        }
    }
    Ok(entered)
}

/// Writes a job back if its row is still as it was read. `false`: somebody changed it meanwhile.
pub(crate) async fn save(db: &mut Connection, job: &Job) -> Result<bool> {
    let stored = Stored::of(&job.life.state);
    let changed = sql(
        "UPDATE jobs SET mode = $3, state = $4, score = $5, order_key = $6, terms = $7, spec = $8, data_rows = $9, data_import = $10,
             champion_seq = $11, attempt = $12, claim = $13, worker = $14, failure = $15, dispatched_at = $16, number = $17, burnt = $18,
             idle_losses = $19, kept_step = $20, checkpoint = $21, batch_size = $22, not_before = $23, cancelling = $24,
             started_at = $25, ended_at = $26, why = $27, comparison = $28, yielding = $29, preemptions = $30, stand_in = $31,
             revision = revision + 1
         WHERE id = $1 AND revision = $2",
    )
    .bind(job.id)
    .bind(job.revision)
    .bind(job.mode.map(Mode::as_str))
    .bind(job.state().as_str())
    .bind(job.score)
    .bind(job.order_key)
    .bind(serde_json::to_string(&job.terms)?)
    .bind(job.spec.as_ref().map(serde_json::to_string).transpose()?)
    .bind(job.data_rows as i64)
    .bind(job.data_import)
    .bind(job.champion_seq as i64)
    .bind(stored.attempt)
    .bind(stored.claim.map(|claim| claim.claim))
    .bind(stored.claim.map(|claim| claim.worker))
    .bind(stored.failure.map(FailureClass::as_str))
    .bind(stored.at.map(|t| t.0))
    .bind(i64::from(job.life.number))
    .bind(i64::from(job.life.burnt))
    .bind(i64::from(job.life.idle_losses))
    .bind(job.life.kept_step as i64)
    .bind(job.life.checkpoint.as_ref().map(serde_json::to_string).transpose()?)
    .bind(job.life.reduced_batch.map(i64::from))
    .bind(job.life.not_before.map(|t| t.0))
    .bind(job.life.cancelling)
    .bind(job.started_at.map(|t| t.0))
    .bind(job.ended_at.map(|t| t.0))
    .bind(&job.why)
    .bind(job.comparison.as_ref().map(serde_json::to_string).transpose()?)
    .bind(job.life.yielding)
    .bind(i64::from(job.life.preemptions))
    .bind(job.stand_in.as_ref().map(Pool::as_str))
    .execute(db)
    .await?;
    Ok(changed == 1)
}

/// Writes back the lives of jobs: all that commands change. Says which rows were still as they had been read.
pub(crate) async fn advance(db: &mut Connection, jobs: &[&Job]) -> Result<HashSet<JobId>> {
    let mut written = HashSet::with_capacity(jobs.len());
    for rows in lists(jobs) {
        let mut texts = Vec::with_capacity(rows.len());
        for job in rows {
            texts.push((job, job.life.checkpoint.as_ref().map(serde_json::to_string).transpose()?));
        }
        let statement = sql(
            "UPDATE jobs SET state = v.column3, attempt = v.column4, claim = v.column5, worker = v.column6, failure = v.column7,
                 dispatched_at = v.column8, number = v.column9, burnt = v.column10, idle_losses = v.column11, kept_step = v.column12,
                 checkpoint = v.column13, batch_size = v.column14, not_before = v.column15, cancelling = v.column16,
                 started_at = v.column17, ended_at = v.column18, why = v.column19, yielding = v.column20, preemptions = v.column21,
                 revision = revision + 1
             FROM (VALUES ",
        )
        .rows(texts, |(job, checkpoint)| {
            let stored = Stored::of(&job.life.state);
            [
                job.id.into(),
                job.revision.into(),
                job.state().as_str().into(),
                stored.attempt.into(),
                stored.claim.map(|claim| claim.claim).into(),
                stored.claim.map(|claim| claim.worker).into(),
                stored.failure.map(FailureClass::as_str).into(),
                stored.at.map(|t| t.0).into(),
                job.life.number.into(),
                job.life.burnt.into(),
                job.life.idle_losses.into(),
                (job.life.kept_step as i64).into(),
                checkpoint.into(),
                job.life.reduced_batch.into(),
                job.life.not_before.map(|t| t.0).into(),
                job.life.cancelling.into(),
                job.started_at.map(|t| t.0).into(),
                job.ended_at.map(|t| t.0).into(),
                (&job.why).into(),
                job.life.yielding.into(),
                job.life.preemptions.into(),
            ]
        })
        .then(") AS v WHERE jobs.id = v.column1 AND jobs.revision = v.column2 RETURNING jobs.id");
        for row in statement.fetch_all(&mut *db).await? {
            written.insert(row.id("id")?);
        }
    }
    Ok(written)
}

/// What belongs to a state, as columns.
#[derive(Default)]
struct Stored {
    attempt: Option<AttemptId>,
    claim: Option<Claim>,
    failure: Option<FailureClass>,
    at: Option<Timestamp>,
}

impl Stored {
    fn of(state: &State) -> Self {
        let none = Self::default();
        match state {
            State::Queued { unsettled } => Self { attempt: *unsettled, ..none },
            State::Dispatched { attempt, at } => Self { attempt: Some(*attempt), at: Some(*at), ..none },
            State::Running { claim } => Self { attempt: Some(claim.attempt), claim: Some(*claim), ..none },
            State::Judging { attempt } => Self { attempt: Some(*attempt), ..none },
            State::Failed { class, .. } => Self { failure: Some(*class), ..none },
            State::Completed | State::Cancelled => none,
        }
    }
}

/// Keeps the loss curve; display only, so it does not count as a change of the job.
pub(crate) async fn set_curve(db: &mut Connection, id: JobId, curve: &[CurveView]) -> Result<()> {
    sql("UPDATE jobs SET curve = $2 WHERE id = $1").bind(id).bind(serde_json::to_string(curve)?).execute(db).await?;
    Ok(())
}

/// Keeps how long a cancelled job held its slot; display only.
pub(crate) async fn set_freed(db: &mut Connection, id: JobId, seconds: f64) -> Result<()> {
    sql("UPDATE jobs SET freed_after = $2 WHERE id = $1").bind(id).bind(seconds).execute(db).await?;
    Ok(())
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
    let life = Life {
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
        batch_size: request.as_ref().map_or(0, |request| request.hyper.batch_size),
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
        life,
        started_at: row.opt_time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
        why: row.text("why")?,
        curve: row.json("curve")?,
        freed_after: row.opt_real("freed_after")?,
        comparison: row.opt_json("comparison")?,
        trace: row.opt_text("traceparent")?.and_then(|text| text.parse().ok()),
        revision: row.int("revision")?,
    })
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
        JobState::Failed => State::Failed {
            class: row.opt_parsed("failure")?.ok_or_else(|| lacking("failure"))?,
            message: row.text("why")?,
        },
        JobState::Cancelled => State::Cancelled,
    })
}

/// Whether a kind of job leaves artifacts.
pub(crate) fn sealed(kind: JobKind) -> bool {
    match kind {
        JobKind::Train | JobKind::Evaluate => true,
        JobKind::Probe => false,
    }
}
