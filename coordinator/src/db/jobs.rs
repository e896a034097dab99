//! Jobs: one row each, the truth about it. Every change is a compare-and-swap on the row's revision.

use common::vocabulary::{
    AttemptId, ClaimId, ForecasterHyper, JobId, JobKind, JobSpec, JobState, Mode, ModelKey, Pool, SplitPolicy,
    Timestamp, VersionNumber, WorkerId,
};
use common::wire::CheckpointRef;
use newtype_uuid::GenericUuid;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

use super::{CHUNK, Connection, Read, Result, Row, Sql};
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
    /// Where it stands.
    pub(crate) state: JobState,
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
    /// What was asked for.
    pub(crate) request: Request,
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
    /// The latest dispatch.
    pub(crate) attempt: Option<AttemptId>,
    /// The delivery that holds it.
    pub(crate) claim: Option<ClaimId>,
    /// Who holds it.
    pub(crate) worker: Option<WorkerId>,
    /// Dispatches so far that somebody claimed.
    pub(crate) number: u32,
    /// Whether the latest dispatch was ever claimed: then its seal must be written before another.
    pub(crate) claimed: bool,
    /// Attempts burnt by failures of its own.
    pub(crate) burnt: u32,
    /// Losses in a row without progress.
    pub(crate) idle_losses: u32,
    /// Not to be dispatched before this time.
    pub(crate) not_before: Option<Timestamp>,
    /// When it was last dispatched.
    pub(crate) dispatched_at: Option<Timestamp>,
    /// When it was last claimed.
    pub(crate) started_at: Option<Timestamp>,
    /// When it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// Where the next attempt goes on from.
    pub(crate) checkpoint: Option<CheckpointRef>,
    /// Step of the checkpoint there was at the last loss.
    pub(crate) kept_step: u64,
    /// Batch size instead of the one asked for, after an out-of-memory kill.
    pub(crate) batch_size: Option<u32>,
    /// Someone asked to cancel it; the seal decides.
    pub(crate) cancelling: bool,
    /// Why it ended as it did, or waits, in words.
    pub(crate) why: String,
    /// Loss per epoch, of the latest attempt that told any.
    pub(crate) curve: Vec<CurveView>,
    /// For a reproduction that has ended.
    pub(crate) comparison: Option<ComparisonView>,
    /// What compare-and-swap compares.
    pub(crate) revision: i64,
}

/// Adds jobs to the line. A second active training of a model violates a uniqueness rule.
pub(crate) async fn insert(db: &mut Connection, jobs: &[Job]) -> Result<()> {
    for chunk in jobs.chunks(CHUNK) {
        let mut texts = Vec::with_capacity(chunk.len());
        for job in chunk {
            let spec = job.spec.as_ref().map(serde_json::to_string).transpose()?;
            texts.push((job, serde_json::to_string(&job.terms)?, serde_json::to_string(&job.request)?, spec));
        }
        let mut statement: QueryBuilder<Sql> = QueryBuilder::new(
            "INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request, spec,
                 data_rows, data_import, champion_seq, reproduces, why) ",
        );
        statement.push_values(texts, |mut row, (job, terms, request, spec)| {
            row.push_bind(job.id.into_untyped_uuid()).push_bind(job.kind.as_str());
            row.push_bind(job.model.as_ref().map(|m| m.as_str().to_owned())).push_bind(job.mode.map(Mode::as_str));
            row.push_bind(job.pool.as_str().to_owned()).push_bind(job.state.as_str());
            row.push_bind(job.score).push_bind(job.order_key).push_bind(terms);
            row.push_bind(job.enqueued_at.0).push_bind(job.as_of.0).push_bind(request).push_bind(spec);
            row.push_bind(job.data_rows as i64).push_bind(job.data_import).push_bind(job.champion_seq as i64);
            row.push_bind(job.reproduces.map(|v| v.to_string())).push_bind(job.why.clone());
        });
        statement.build().execute(&mut *db).await?;
    }
    Ok(())
}

/// Writes a job back if its row is still as it was read. `false`: somebody changed it meanwhile.
pub(crate) async fn save(db: &mut Connection, job: &Job) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE jobs SET mode = $3, state = $4, score = $5, order_key = $6, terms = $7, request = $8, spec = $9, data_rows = $10,
             data_import = $11, champion_seq = $12, attempt = $13, claim = $14, worker = $15, number = $16, claimed = $17, burnt = $18,
             idle_losses = $19, not_before = $20, dispatched_at = $21, started_at = $22, ended_at = $23, checkpoint = $24,
             kept_step = $25, batch_size = $26, cancelling = $27, why = $28, comparison = $29, revision = revision + 1
         WHERE id = $1 AND revision = $2",
    )
    .bind(job.id.into_untyped_uuid())
    .bind(job.revision)
    .bind(job.mode.map(Mode::as_str))
    .bind(job.state.as_str())
    .bind(job.score)
    .bind(job.order_key)
    .bind(serde_json::to_string(&job.terms)?)
    .bind(serde_json::to_string(&job.request)?)
    .bind(job.spec.as_ref().map(serde_json::to_string).transpose()?)
    .bind(job.data_rows as i64)
    .bind(job.data_import)
    .bind(job.champion_seq as i64)
    .bind(job.attempt.map(|id| id.into_untyped_uuid()))
    .bind(job.claim.map(|id| id.into_untyped_uuid()))
    .bind(job.worker.map(|id| id.into_untyped_uuid()))
    .bind(i64::from(job.number))
    .bind(job.claimed)
    .bind(i64::from(job.burnt))
    .bind(i64::from(job.idle_losses))
    .bind(job.not_before.map(|t| t.0))
    .bind(job.dispatched_at.map(|t| t.0))
    .bind(job.started_at.map(|t| t.0))
    .bind(job.ended_at.map(|t| t.0))
    .bind(job.checkpoint.as_ref().map(serde_json::to_string).transpose()?)
    .bind(job.kept_step as i64)
    .bind(job.batch_size.map(i64::from))
    .bind(job.cancelling)
    .bind(&job.why)
    .bind(job.comparison.as_ref().map(serde_json::to_string).transpose()?)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps the loss curve; display only, so it does not count as a change of the job.
pub(crate) async fn set_curve(db: &mut Connection, id: JobId, curve: &[CurveView]) -> Result<()> {
    sqlx::query("UPDATE jobs SET curve = $2 WHERE id = $1")
        .bind(id.into_untyped_uuid())
        .bind(serde_json::to_string(curve)?)
        .execute(db)
        .await?;
    Ok(())
}

/// One job.
pub(crate) async fn get(db: &mut Connection, id: JobId) -> Result<Option<Job>> {
    let row = sqlx::query("SELECT * FROM jobs WHERE id = $1").bind(id.into_untyped_uuid()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The active training of a model, if there is one.
pub(crate) async fn active_training(db: &mut Connection, model: &ModelKey) -> Result<Option<Job>> {
    let row = sqlx::query(
        "SELECT * FROM jobs WHERE model = $1 AND kind = 'train' AND reproduces IS NULL
         AND state IN ('queued', 'dispatched', 'running', 'judging')",
    )
    .bind(model.as_str())
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

pub(super) fn read(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.id("id")?,
        kind: row.parsed("kind")?,
        model: row.opt_parsed("model")?,
        mode: row.opt_parsed("mode")?,
        pool: row.parsed("pool")?,
        state: row.parsed("state")?,
        score: row.real("score")?,
        order_key: row.real("order_key")?,
        terms: row.json("terms")?,
        enqueued_at: row.time("enqueued_at")?,
        as_of: row.time("as_of")?,
        request: row.json("request")?,
        spec: row.opt_json("spec")?,
        data_rows: row.count("data_rows")?,
        data_import: row.int("data_import")?,
        champion_seq: row.count("champion_seq")?,
        reproduces: row.opt_parsed("reproduces")?,
        attempt: row.opt_id("attempt")?,
        claim: row.opt_id("claim")?,
        worker: row.opt_id("worker")?,
        number: row.small("number")?,
        claimed: row.flag("claimed")?,
        burnt: row.small("burnt")?,
        idle_losses: row.small("idle_losses")?,
        not_before: row.opt_time("not_before")?,
        dispatched_at: row.opt_time("dispatched_at")?,
        started_at: row.opt_time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
        checkpoint: row.opt_json("checkpoint")?,
        kept_step: row.count("kept_step")?,
        batch_size: row.opt_int("batch_size")?.and_then(|n| u32::try_from(n).ok()),
        cancelling: row.flag("cancelling")?,
        why: row.text("why")?,
        curve: row.json("curve")?,
        comparison: row.opt_json("comparison")?,
        revision: row.int("revision")?,
    })
}
