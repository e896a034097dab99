//! Attempts: every dispatch of a job, who took it, and how it ended.

use std::collections::HashMap;

use common::vocabulary::{AttemptId, ClaimId, JobId, ModelKey, Timestamp, WorkerId};

use super::{CHUNK, Connection, Result, Row, sql};

/// One attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attempt {
    /// Which.
    pub(crate) id: AttemptId,
    /// From 1.
    pub(crate) number: u32,
    /// Who took it.
    pub(crate) worker: Option<WorkerId>,
    /// When it was taken.
    pub(crate) started_at: Option<Timestamp>,
    /// When it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// `result`, or the class of its failure.
    pub(crate) outcome: Option<String>,
    /// What went wrong.
    pub(crate) message: Option<String>,
    /// The step it went on from.
    pub(crate) resumed_from: Option<u64>,
}

/// A dispatch.
pub(crate) async fn insert(db: &mut Connection, id: AttemptId, job: JobId, number: u32, now: Timestamp) -> Result<()> {
    sql("INSERT INTO attempts (id, job, number, dispatched_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(job)
        .bind(i64::from(number))
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// A worker took it.
pub(crate) async fn start(
    db: &mut Connection,
    id: AttemptId,
    claim: ClaimId,
    worker: WorkerId,
    resumed_from: Option<u64>,
    now: Timestamp,
) -> Result<()> {
    sql("UPDATE attempts SET claim = $2, worker = $3, resumed_from = $4, started_at = $5 WHERE id = $1")
        .bind(id)
        .bind(claim)
        .bind(worker)
        .bind(resumed_from.map(|step| step as i64))
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// It ended; the first end that is told stays.
pub(crate) async fn end(
    db: &mut Connection,
    id: AttemptId,
    outcome: &str,
    message: Option<&str>,
    seconds: Option<f64>,
    now: Timestamp,
) -> Result<()> {
    sql("UPDATE attempts SET outcome = $2, message = $3, seconds = $4, ended_at = $5 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(outcome)
        .bind(message)
        .bind(seconds)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Its result is recorded: that is how it ended, also if it had been given up before.
pub(crate) async fn record(db: &mut Connection, id: AttemptId, seconds: Option<f64>, now: Timestamp) -> Result<()> {
    sql("UPDATE attempts SET outcome = 'result', message = NULL, seconds = $2, ended_at = coalesce(ended_at, $3) WHERE id = $1")
        .bind(id)
        .bind(seconds)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// How long the worker of a lost attempt had been silent, by the leader's own clock.
pub(crate) async fn set_silence(db: &mut Connection, id: AttemptId, seconds: f64) -> Result<()> {
    sql("UPDATE attempts SET silence = $2 WHERE id = $1 AND outcome = 'lost'")
        .bind(id)
        .bind(seconds)
        .execute(db)
        .await?;
    Ok(())
}

/// The attempts of some jobs, oldest first.
pub(crate) async fn of(db: &mut Connection, jobs: &[JobId]) -> Result<HashMap<JobId, Vec<Attempt>>> {
    let mut found: HashMap<JobId, Vec<Attempt>> = HashMap::new();
    for chunk in jobs.chunks(CHUNK) {
        let attempts =
            sql("SELECT * FROM attempts WHERE job IN ").one_of(chunk.iter().copied()).then(" ORDER BY number");
        for row in attempts.fetch_all(&mut *db).await? {
            found.entry(row.id("job")?).or_default().push(read(&row)?);
        }
    }
    Ok(found)
}

fn read(row: &Row) -> Result<Attempt> {
    Ok(Attempt {
        id: row.id("id")?,
        number: row.small("number")?,
        worker: row.opt_id("worker")?,
        started_at: row.opt_time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
        outcome: row.opt_text("outcome")?,
        message: row.opt_text("message")?,
        resumed_from: row.opt_int("resumed_from")?.and_then(|step| u64::try_from(step).ok()),
    })
}

/// Seconds of the latest finished trainings of a model, at most 200: what a timeout may be derived from.
pub(crate) async fn seconds_of(db: &mut Connection, model: &ModelKey) -> Result<Vec<f64>> {
    let rows = sql("SELECT a.seconds FROM attempts a JOIN jobs j ON j.id = a.job
         WHERE j.model = $1 AND j.kind = 'train' AND a.outcome = 'result' AND a.seconds IS NOT NULL
         ORDER BY a.ended_at DESC LIMIT 200")
    .bind(model.as_str())
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.real("seconds")).collect()
}
