//! Attempts: every dispatch of a job, who took it, and how it ended.

use std::collections::HashMap;

use common::vocabulary::{AttemptId, ClaimId, JobId, ModelKey, Timestamp, WorkerId};

use super::{CHUNK, Connection, Result, Row, lists, sql};

/// One attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attempt {
    /// Which.
    pub(crate) id: AttemptId,
    /// From 1.
    pub(crate) number: u32,
    /// When it left the line.
    pub(crate) dispatched_at: Timestamp,
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

/// What becomes of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A dispatch.
    Insert {
        /// Its id.
        id: AttemptId,
        /// Of which job.
        job: JobId,
        /// Counts the attempts of the job, from 1.
        number: u32,
    },
    /// A worker took it.
    Start {
        /// Which.
        id: AttemptId,
        /// The delivery.
        claim: ClaimId,
        /// Who.
        worker: WorkerId,
        /// The step of the checkpoint it goes on from.
        resumed_from: Option<u64>,
    },
    /// It ended; the first end that is told stays.
    End {
        /// Which.
        id: AttemptId,
        /// How.
        outcome: &'static str,
        /// What went wrong.
        message: Option<String>,
    },
}

impl Change {
    /// Of which attempt.
    pub(crate) fn attempt(&self) -> AttemptId {
        match self {
            Self::Insert { id, .. } | Self::Start { id, .. } | Self::End { id, .. } => *id,
        }
    }
}

/// Writes changes, each of another attempt, in a statement or three; answers with those that ended, if they are to be told.
pub(crate) async fn write(
    db: &mut Connection,
    changes: impl IntoIterator<Item = &Change>,
    tell: bool,
    now: Timestamp,
) -> Result<Vec<Attempt>> {
    let (mut inserted, mut started, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Insert { id, job, number } => inserted.push((*id, *job, *number)),
            Change::Start { id, claim, worker, resumed_from } => {
                started.push((*id, *claim, *worker, resumed_from.map(|step| step as i64)));
            }
            Change::End { id, outcome, message } => ended.push((*id, *outcome, message.as_deref())),
        }
    }
    for rows in lists(&inserted) {
        let insert = sql("INSERT INTO attempts (id, job, number, dispatched_at) VALUES ");
        insert
            .rows(rows, |(id, job, number)| [(*id).into(), (*job).into(), (*number).into(), now.0.into()])
            .execute(db)
            .await?;
    }
    for rows in lists(&started) {
        sql("UPDATE attempts SET claim = v.column2, worker = v.column3, resumed_from = v.column4, started_at = v.column5 FROM (VALUES ")
            .rows(rows, |(id, claim, worker, resumed)| {
                [(*id).into(), (*claim).into(), (*worker).into(), (*resumed).into(), now.0.into()]
            })
            .then(") AS v WHERE id = v.column1")
            .execute(db)
            .await?;
    }
    let mut told = Vec::new();
    for rows in lists(&ended) {
        let end =
            sql("UPDATE attempts SET outcome = v.column2, message = v.column3, ended_at = v.column4 FROM (VALUES ")
                .rows(rows, |(id, outcome, message)| {
                    [(*id).into(), (*outcome).into(), (*message).into(), now.0.into()]
                });
        if tell {
            let rows =
                end.then(") AS v WHERE id = v.column1 AND ended_at IS NULL RETURNING *").fetch_all(&mut *db).await?;
            told.extend(rows.iter().map(read).collect::<Result<Vec<_>>>()?);
        } else {
            end.then(") AS v WHERE id = v.column1 AND ended_at IS NULL").execute(&mut *db).await?;
        }
    }
    Ok(told)
}

/// The attempt of a job that ended before one was dispatched.
pub(crate) async fn before(db: &mut Connection, job: JobId, dispatched_at: Timestamp) -> Result<Option<AttemptId>> {
    let row = sql("SELECT id FROM attempts WHERE job = $1 AND ended_at IS NOT NULL AND dispatched_at < $2
         ORDER BY dispatched_at DESC LIMIT 1")
    .bind(job)
    .bind(dispatched_at.0)
    .fetch_optional(db)
    .await?;
    row.map(|row| row.id("id")).transpose()
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
        dispatched_at: row.time("dispatched_at")?,
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
