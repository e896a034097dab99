//! Runs of schedules: each time something was due, and what became of it.

use std::collections::BTreeMap;

use common::vocabulary::{JobId, Timestamp};
use domain::schedule::{Occasion, RunOutcome, RunState, ScheduleName, Task};

use super::{Connection, Result, Row, lists, sql};

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    /// Its number; of one that is to be added, 0.
    pub(crate) id: i64,
    /// The schedule whose it is, with its name; nothing where somebody asked for a task without one.
    pub(crate) schedule: Option<(i64, ScheduleName)>,
    /// What is to be done.
    pub(crate) task: Task,
    /// When it was due.
    pub(crate) due: Timestamp,
    /// Why there is a run.
    pub(crate) occasion: Occasion,
    /// How it stands.
    pub(crate) state: RunState,
    /// How often it was begun.
    pub(crate) tries: u32,
    /// When it was begun first.
    pub(crate) begun_at: Option<Timestamp>,
    /// When it ended.
    pub(crate) ended_at: Option<Timestamp>,
    /// What came of it.
    pub(crate) outcome: Option<RunOutcome>,
}

impl Run {
    /// One that waits to be done; its number comes when it is added.
    pub(crate) fn waiting(
        schedule: Option<(i64, ScheduleName)>,
        task: Task,
        due: Timestamp,
        occasion: Occasion,
    ) -> Self {
        Self {
            id: 0,
            schedule,
            task,
            due,
            occasion,
            state: RunState::Due,
            tries: 0,
            begun_at: None,
            ended_at: None,
            outcome: None,
        }
    }
}

/// Adds one, and gives its number. Nothing: there is one of that due time.
pub(crate) async fn insert(db: &mut Connection, run: &Run) -> Result<Option<i64>> {
    let row =
        sql("INSERT INTO schedule_runs (schedule, task, due, occasion, state, tries, begun_at, ended_at, outcome)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (schedule, due) DO NOTHING RETURNING id")
        .bind(run.schedule.as_ref().map(|(id, _)| *id))
        .bind(serde_json::to_string(&run.task)?)
        .bind(run.due.0)
        .bind(run.occasion.to_string())
        .bind(run.state.to_string())
        .bind(run.tries)
        .bind(run.begun_at.map(|at| at.0))
        .bind(run.ended_at.map(|at| at.0))
        .bind(outcome_text(run)?)
        .fetch_optional(db)
        .await?;
    row.map(|row| row.int("id")).transpose()
}

/// Writes how one stands now. `false`: it is gone, or has ended.
pub(crate) async fn save(db: &mut Connection, run: &Run) -> Result<bool> {
    let done = sql("UPDATE schedule_runs SET state = $2, tries = $3, begun_at = $4, ended_at = $5, outcome = $6
         WHERE id = $1 AND ended_at IS NULL")
    .bind(run.id)
    .bind(run.state.to_string())
    .bind(run.tries)
    .bind(run.begun_at.map(|at| at.0))
    .bind(run.ended_at.map(|at| at.0))
    .bind(outcome_text(run)?);
    Ok(done.execute(db).await? == 1)
}

fn outcome_text(run: &Run) -> Result<Option<String>> {
    Ok(run.outcome.as_ref().map(serde_json::to_string).transpose()?)
}

/// Runs that have not ended, oldest first.
pub(crate) async fn open(db: &mut Connection) -> Result<Vec<Run>> {
    sql("SELECT r.*, s.name FROM schedule_runs r LEFT JOIN training_schedules s ON s.id = r.schedule
         WHERE r.ended_at IS NULL ORDER BY r.id")
    .read_each(db, read)
    .await
}

/// How many runs have not ended.
pub(crate) async fn count_open(db: &mut Connection) -> Result<u64> {
    sql("SELECT count(*) AS runs FROM schedule_runs WHERE ended_at IS NULL").fetch_one(db).await?.count("runs")
}

/// One run.
pub(crate) async fn get(db: &mut Connection, id: i64) -> Result<Option<Run>> {
    let row = sql(
        "SELECT r.*, s.name FROM schedule_runs r LEFT JOIN training_schedules s ON s.id = r.schedule WHERE r.id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The newest run of a schedule, by when it was due.
pub(crate) async fn newest(db: &mut Connection, schedule: i64) -> Result<Option<Run>> {
    let row = sql("SELECT r.*, s.name FROM schedule_runs r LEFT JOIN training_schedules s ON s.id = r.schedule
         WHERE r.schedule = $1 ORDER BY r.due DESC LIMIT 1")
    .bind(schedule)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

/// A run has asked for these trainings.
pub(crate) async fn add_jobs(db: &mut Connection, run: i64, jobs: &[JobId]) -> Result<()> {
    for jobs in lists(jobs) {
        sql("INSERT INTO schedule_run_jobs (run, job) VALUES ")
            .rows(jobs, |job| [run.into(), (*job).into()])
            .then(" ON CONFLICT (run, job) DO NOTHING")
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// The trainings that a run has asked for, by how they stand, and how many of them have led to a version that went live. A job whose
/// row is gone has ended long ago.
pub(crate) async fn trainings(db: &mut Connection, run: i64) -> Result<Trainings> {
    let rows = sql("SELECT COALESCE(j.state, 'completed') AS state, count(*) AS jobs, count(l.job) AS live
         FROM schedule_run_jobs r LEFT JOIN jobs j ON j.id = r.job LEFT JOIN ledger l ON l.job = r.job
         WHERE r.run = $1 GROUP BY j.state")
    .bind(run)
    .fetch_all(db)
    .await?;
    let mut found = Trainings::default();
    for row in &rows {
        *found.states.entry(row.text("state")?).or_default() += row.count("jobs")?;
        found.promoted += row.count("live")?;
    }
    Ok(found)
}

/// How the trainings of a run stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trainings {
    /// How many are in a state.
    pub(crate) states: BTreeMap<String, u64>,
    /// How many led to a version that went live.
    pub(crate) promoted: u64,
}

/// How runs ended since a moment: how many in each state, and the seconds that those that were done took together.
pub(crate) async fn ended_since(db: &mut Connection, since: Timestamp) -> Result<(BTreeMap<String, u64>, f64)> {
    let rows = sql("SELECT state, count(*) AS runs, CAST(COALESCE(sum(ended_at - begun_at), 0) AS BIGINT) AS took
         FROM schedule_runs WHERE ended_at IS NOT NULL AND ended_at >= $1 GROUP BY state")
    .bind(since.0)
    .fetch_all(db)
    .await?;
    let (mut states, mut seconds) = (BTreeMap::new(), 0.0);
    for row in &rows {
        states.insert(row.text("state")?, row.count("runs")?);
        seconds += row.int("took")? as f64 / 1e6;
    }
    Ok((states, seconds))
}

/// Removes runs that ended before a moment, at most so many: how many there were.
pub(crate) async fn remove_before(db: &mut Connection, before: Timestamp, most: usize) -> Result<u64> {
    let ids =
        sql("SELECT id FROM schedule_runs WHERE ended_at IS NOT NULL AND ended_at < $1 ORDER BY ended_at LIMIT $2")
            .bind(before.0)
            .bind(most as i64)
            .read_each(&mut *db, |row| row.int("id"))
            .await?;
    for ids in lists(&ids) {
        sql("DELETE FROM schedule_run_jobs WHERE run IN ").one_of(ids.iter().copied()).execute(&mut *db).await?;
        sql("DELETE FROM schedule_runs WHERE id IN ").one_of(ids.iter().copied()).execute(&mut *db).await?;
    }
    Ok(ids.len() as u64)
}

pub(super) fn read(row: &Row) -> Result<Run> {
    let (id, name) = (row.opt_int("schedule")?, row.opt_parsed("name")?);
    Ok(Run {
        id: row.int("id")?,
        schedule: id.zip(name),
        task: row.json("task")?,
        due: row.time("due")?,
        occasion: row.parsed("occasion")?,
        state: row.parsed("state")?,
        tries: row.small("tries")?,
        begun_at: row.opt_time("begun_at")?,
        ended_at: row.opt_time("ended_at")?,
        outcome: row.opt_json("outcome")?,
    })
}
