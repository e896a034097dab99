//! Writing jobs: into the backlog, whole, and what their commands change.

use std::collections::HashSet;

use common::vocabulary::{AttemptId, CurvePoint, FailureClass, JobId, Mode, ModelKey, Pool};
use common::wire::Claim;
use domain::transition::State;

use super::Job;
use crate::db::{Connection, Result, lists, scope::parts, sql};
use crate::wording::StoredMessage;

/// Adds new jobs to the backlog, and says which: one whose model already has an active training is left out.
pub(crate) async fn insert(db: &mut Connection, jobs: &[&Job]) -> Result<Vec<JobId>> {
    let mut entered = Vec::with_capacity(jobs.len());
    for chunk in parts(db, jobs) {
        let mut texts = Vec::with_capacity(chunk.len());
        for job in chunk {
            let spec = job.spec.as_ref().map(serde_json::to_string).transpose()?;
            let (terms, request) = (serde_json::to_string(&job.terms)?, serde_json::to_string(&job.request)?);
            texts.push((job, terms, request, spec, reason_text(job)?));
        }
        let statement = sql(
            "INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request, spec,
                 data_rows, data_import, champion_seq, reproduces, why, traceparent) VALUES ",
        )
        .rows(texts, |(job, terms, request, spec, reason)| {
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
                reason.into(),
                job.trace.map(String::from).into(),
            ]
        });
        // Counted, not returned: as a rule all enter, and each row of an answer costs as much as its insertion.
        let added = statement.then(" ON CONFLICT DO NOTHING").execute(&mut *db).await?;
        let ids = chunk.iter().map(|job| job.id);
        if added == chunk.len() as u64 {
            entered.extend(ids);
        } else {
            entered.extend(present(db, ids).await?);
        }
    }
    Ok(entered)
}

/// What has happened to a job, as its column says it.
fn reason_text(job: &Job) -> Result<String> {
    Ok(job.reason.as_ref().map(StoredMessage::written).transpose()?.unwrap_or_default())
}

/// Those of these jobs that are there.
async fn present(db: &mut Connection, ids: impl Iterator<Item = JobId>) -> Result<Vec<JobId>> {
    let rows = sql("SELECT id FROM jobs WHERE id IN ").one_of(ids).fetch_all(db).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Writes a job back if its row is still as it was read. `false`: somebody changed it meanwhile.
pub(crate) async fn save(db: &mut Connection, job: &Job) -> Result<bool> {
    let stored = Stored::of(&job.lifecycle.state);
    let changed = sql(
        "UPDATE jobs SET mode = $3, state = $4, score = $5, order_key = $6, terms = $7, spec = $8, data_rows = $9, data_import = $10,
             champion_seq = $11, attempt = $12, claim = $13, worker = $14, failure = $15, dispatched_at = $16, number = $17, burnt = $18,
             idle_losses = $19, kept_step = $20, checkpoint = $21, batch_size = $22, not_before = $23, cancelling = $24,
             started_at = $25, ended_at = $26, why = $27, comparison = $28, yielding = $29, preemptions = $30, stand_in = $31,
             resumed_from = $32, request = $33,
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
    .bind(job.dispatched_at.map(|t| t.0))
    .bind(i64::from(job.lifecycle.number))
    .bind(i64::from(job.lifecycle.burnt))
    .bind(i64::from(job.lifecycle.idle_losses))
    .bind(job.lifecycle.kept_step as i64)
    .bind(job.lifecycle.checkpoint.as_ref().map(serde_json::to_string).transpose()?)
    .bind(job.lifecycle.reduced_batch.map(i64::from))
    .bind(job.lifecycle.not_before.map(|t| t.0))
    .bind(job.lifecycle.cancelling)
    .bind(job.started_at.map(|t| t.0))
    .bind(job.ended_at.map(|t| t.0))
    .bind(reason_text(job)?)
    .bind(job.comparison.as_ref().map(serde_json::to_string).transpose()?)
    .bind(job.lifecycle.yielding)
    .bind(i64::from(job.lifecycle.preemptions))
    .bind(job.stand_in.as_ref().map(Pool::as_str))
    .bind(job.resumed_from.map(|step| step as i64))
    .bind(serde_json::to_string(&job.request)?)
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
            let checkpoint = job.lifecycle.checkpoint.as_ref().map(serde_json::to_string).transpose()?;
            texts.push((job, checkpoint, reason_text(job)?));
        }
        let statement = sql(
            "UPDATE jobs SET state = v.column3, attempt = v.column4, claim = v.column5, worker = v.column6, failure = v.column7,
                 dispatched_at = v.column8, number = v.column9, burnt = v.column10, idle_losses = v.column11, kept_step = v.column12,
                 checkpoint = v.column13, batch_size = v.column14, not_before = v.column15, cancelling = v.column16,
                 started_at = v.column17, ended_at = v.column18, why = v.column19, yielding = v.column20, preemptions = v.column21,
                 resumed_from = v.column22,
                 revision = revision + 1
             FROM (VALUES ",
        )
        .rows(texts, |(job, checkpoint, reason)| {
            let stored = Stored::of(&job.lifecycle.state);
            [
                job.id.into(),
                job.revision.into(),
                job.state().as_str().into(),
                stored.attempt.into(),
                stored.claim.map(|claim| claim.claim).into(),
                stored.claim.map(|claim| claim.worker).into(),
                stored.failure.map(FailureClass::as_str).into(),
                job.dispatched_at.map(|t| t.0).into(),
                job.lifecycle.number.into(),
                job.lifecycle.burnt.into(),
                job.lifecycle.idle_losses.into(),
                (job.lifecycle.kept_step as i64).into(),
                checkpoint.into(),
                job.lifecycle.reduced_batch.into(),
                job.lifecycle.not_before.map(|t| t.0).into(),
                job.lifecycle.cancelling.into(),
                job.started_at.map(|t| t.0).into(),
                job.ended_at.map(|t| t.0).into(),
                reason.into(),
                job.lifecycle.yielding.into(),
                job.lifecycle.preemptions.into(),
                job.resumed_from.map(|step| step as i64).into(),
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
}

impl Stored {
    fn of(state: &State) -> Self {
        let none = Self::default();
        match state {
            State::Queued { unsettled } => Self { attempt: *unsettled, ..none },
            State::Dispatched { attempt, .. } => Self { attempt: Some(*attempt), ..none },
            State::Running { claim } => Self { attempt: Some(claim.attempt), claim: Some(*claim), ..none },
            State::Judging { attempt } => Self { attempt: Some(*attempt), ..none },
            State::Failed { class, .. } => Self { failure: Some(*class), ..none },
            State::Completed | State::Cancelled => none,
        }
    }
}

/// Keeps the loss curve; display only, so it does not count as a change of the job.
pub(crate) async fn set_curve(db: &mut Connection, id: JobId, curve: &[CurvePoint]) -> Result<()> {
    sql("UPDATE jobs SET curve = $2 WHERE id = $1").bind(id).bind(serde_json::to_string(curve)?).execute(db).await?;
    Ok(())
}

/// Keeps how long a cancelled job held its slot; display only.
pub(crate) async fn set_freed(db: &mut Connection, id: JobId, seconds: f64) -> Result<()> {
    sql("UPDATE jobs SET freed_after = $2 WHERE id = $1").bind(id).bind(seconds).execute(db).await?;
    Ok(())
}
