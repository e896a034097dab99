//! Attempts that have ended: who took each dispatch of a job, and what came of it. The one under way is in the job's row.

use std::collections::{HashMap, HashSet};

use common::vocabulary::{AttemptId, ClaimId, JobId, ModelKey, Timestamp, WorkerId};

use super::{CHUNK, Connection, Result, Row, lists, sql};

/// One attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) id: AttemptId,
    /// Of which job.
    pub(crate) job: JobId,
    /// From 1.
    pub(crate) number: u32,
    /// When it left the backlog.
    pub(crate) dispatched_at: Timestamp,
    /// The delivery that was granted.
    pub(crate) claim: Option<ClaimId>,
    /// Who took it.
    pub(crate) worker: Option<WorkerId>,
    /// When it was taken.
    pub(crate) started_at: Option<Timestamp>,
    /// The step it went on from.
    pub(crate) resumed_from: Option<u64>,
}

/// An attempt that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ended {
    pub(crate) attempt: Attempt,
    pub(crate) at: Timestamp,
    /// `result`, or the class of its failure.
    pub(crate) outcome: String,
    /// What went wrong.
    pub(crate) message: Option<String>,
}

/// Stores attempts that have ended, and says which: the first end that is told stays.
pub(crate) async fn store(db: &mut Connection, ended: &[&Ended]) -> Result<HashSet<AttemptId>> {
    let mut kept = HashSet::with_capacity(ended.len());
    for rows in lists(ended) {
        let statement = sql(
            "INSERT INTO attempts (id, job, number, claim, worker, dispatched_at, started_at, resumed_from, ended_at, outcome, message)
             VALUES ",
        )
        .rows(rows, |ended| {
            let attempt = &ended.attempt;
            [
                attempt.id.into(),
                attempt.job.into(),
                attempt.number.into(),
                attempt.claim.into(),
                attempt.worker.into(),
                attempt.dispatched_at.0.into(),
                attempt.started_at.map(|t| t.0).into(),
                attempt.resumed_from.map(|step| step as i64).into(),
                ended.at.0.into(),
                ended.outcome.as_str().into(),
                ended.message.as_deref().into(),
            ]
        });
        for row in statement.then(" ON CONFLICT DO NOTHING RETURNING id").fetch_all(&mut *db).await? {
            kept.insert(row.id("id")?);
        }
    }
    Ok(kept)
}

/// The attempt of a job that ended before one was dispatched.
pub(crate) async fn before(db: &mut Connection, job: JobId, dispatched_at: Timestamp) -> Result<Option<AttemptId>> {
    let row = sql("SELECT id FROM attempts WHERE job = $1 AND dispatched_at < $2
         ORDER BY dispatched_at DESC LIMIT 1")
    .bind(job)
    .bind(dispatched_at.0)
    .fetch_optional(db)
    .await?;
    row.map(|row| row.id("id")).transpose()
}

/// Its result is recorded: that is how it ended, also if it had been given up before. `seconds`: what the training took.
pub(crate) async fn record(db: &mut Connection, id: AttemptId, seconds: Option<f64>) -> Result<()> {
    sql("UPDATE attempts SET outcome = 'result', message = NULL, seconds = $2 WHERE id = $1")
        .bind(id)
        .bind(seconds)
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

/// The ended attempts of some jobs, oldest first.
pub(crate) async fn of(db: &mut Connection, jobs: &[JobId]) -> Result<HashMap<JobId, Vec<Ended>>> {
    let mut found: HashMap<JobId, Vec<Ended>> = HashMap::new();
    for chunk in jobs.chunks(CHUNK) {
        let attempts =
            sql("SELECT * FROM attempts WHERE job IN ").one_of(chunk.iter().copied()).then(" ORDER BY dispatched_at");
        for row in attempts.fetch_all(&mut *db).await? {
            found.entry(row.id("job")?).or_default().push(read(&row)?);
        }
    }
    Ok(found)
}

fn read(row: &Row) -> Result<Ended> {
    let attempt = Attempt {
        id: row.id("id")?,
        job: row.id("job")?,
        number: row.small("number")?,
        dispatched_at: row.time("dispatched_at")?,
        claim: row.opt_id("claim")?,
        worker: row.opt_id("worker")?,
        started_at: row.opt_time("started_at")?,
        resumed_from: row.opt_int("resumed_from")?.and_then(|step| u64::try_from(step).ok()),
    };
    let (outcome, message) = (row.text("outcome")?, row.opt_text("message")?);
    Ok(Ended { attempt, at: row.time("ended_at")?, outcome, message })
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
