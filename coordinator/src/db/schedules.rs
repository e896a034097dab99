//! Schedules: what is done by the calendar, and when it is due next.

use common::vocabulary::{Timestamp, Zone};
use domain::schedule::{MissedRuns, ScheduleName, Task, Timing};

use super::pauses::{Pause, read_pause};
use super::{Connection, Result, Row, sql};

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schedule {
    /// Its number; of one that is to be added, 0.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) name: ScheduleName,
    /// When it is due.
    pub(crate) timing: Timing,
    /// By whose clocks.
    pub(crate) zone: Zone,
    /// What it does.
    pub(crate) task: Task,
    /// What becomes of missed runs.
    pub(crate) missed: MissedRuns,
    /// The most seconds by which it is put off.
    pub(crate) jitter: u32,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it was changed last.
    pub(crate) changed_at: Timestamp,
    /// Since when it is paused, if it is.
    pub(crate) paused: Option<Pause>,
    /// When it is due next; never while it is paused.
    pub(crate) next_due: Option<Timestamp>,
    /// That, put off.
    pub(crate) fire_at: Option<Timestamp>,
}

impl Schedule {
    /// One that is not paused and not due yet; its number comes when it is added.
    pub(crate) fn new(name: ScheduleName, timing: Timing, task: Task, zone: Zone, now: Timestamp) -> Self {
        Self {
            id: 0,
            name,
            timing,
            zone,
            task,
            missed: MissedRuns::default(),
            jitter: 0,
            created_at: now,
            changed_at: now,
            paused: None,
            next_due: None,
            fire_at: None,
        }
    }
}

/// Adds one, and gives its number. Nothing: there is one of that name.
pub(crate) async fn insert(db: &mut Connection, new: &Schedule) -> Result<Option<i64>> {
    let row = sql("INSERT INTO training_schedules
             (name, timing, zone, task, missed, jitter, created_at, changed_at, paused_at, paused_why, next_due, fire_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (name) DO NOTHING RETURNING id")
    .bind(new.name.as_str())
    .bind(serde_json::to_string(&new.timing)?)
    .bind(new.zone.to_string())
    .bind(serde_json::to_string(&new.task)?)
    .bind(new.missed.to_string())
    .bind(new.jitter)
    .bind(new.created_at.0)
    .bind(new.changed_at.0)
    .bind(new.paused.as_ref().map(|pause| pause.at.0))
    .bind(new.paused.as_ref().map(|pause| pause.reason.clone()))
    .bind(new.next_due.map(|at| at.0))
    .bind(new.fire_at.map(|at| at.0))
    .fetch_optional(db)
    .await?;
    row.map(|row| row.int("id")).transpose()
}

/// Writes one as it is now.
pub(crate) async fn save(db: &mut Connection, one: &Schedule) -> Result<()> {
    sql("UPDATE training_schedules SET timing = $2, zone = $3, task = $4, missed = $5, jitter = $6, changed_at = $7,
             paused_at = $8, paused_why = $9, next_due = $10, fire_at = $11 WHERE id = $1")
    .bind(one.id)
    .bind(serde_json::to_string(&one.timing)?)
    .bind(one.zone.to_string())
    .bind(serde_json::to_string(&one.task)?)
    .bind(one.missed.to_string())
    .bind(one.jitter)
    .bind(one.changed_at.0)
    .bind(one.paused.as_ref().map(|pause| pause.at.0))
    .bind(one.paused.as_ref().map(|pause| pause.reason.clone()))
    .bind(one.next_due.map(|at| at.0))
    .bind(one.fire_at.map(|at| at.0))
    .execute(db)
    .await?;
    Ok(())
}

/// The one of a name.
pub(crate) async fn get(db: &mut Connection, name: &ScheduleName) -> Result<Option<Schedule>> {
    let row = sql("SELECT * FROM training_schedules WHERE name = $1").bind(name.as_str()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Those whose time has come, the longest first; at most so many.
pub(crate) async fn due(db: &mut Connection, now: Timestamp, most: u32) -> Result<Vec<Schedule>> {
    sql("SELECT * FROM training_schedules WHERE fire_at IS NOT NULL AND fire_at <= $1 ORDER BY fire_at LIMIT $2")
        .bind(now.0)
        .bind(most)
        .read_each(db, read)
        .await
}

/// It is due next at another time, if it still was due at `seen`. `false`: somebody else has got to it, or changed it.
pub(crate) async fn advance(db: &mut Connection, id: i64, seen: Timestamp, next: Next) -> Result<bool> {
    let done = sql("UPDATE training_schedules SET next_due = $3, fire_at = $4 WHERE id = $1 AND next_due = $2")
        .bind(id)
        .bind(seen.0)
        .bind(next.due.map(|at| at.0))
        .bind(next.fire_at.map(|at| at.0));
    Ok(done.execute(db).await? == 1)
}

/// When a schedule is due next, and when that is, put off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) due: Option<Timestamp>,
    pub(crate) fire_at: Option<Timestamp>,
}

/// How many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) all: u64,
    pub(crate) paused: u64,
}

/// How many there are.
pub(crate) async fn totals(db: &mut Connection) -> Result<Totals> {
    let row =
        sql("SELECT count(*) AS schedules, count(paused_at) AS paused FROM training_schedules").fetch_one(db).await?;
    Ok(Totals { all: row.count("schedules")?, paused: row.count("paused")? })
}

/// All of them, by name.
pub(crate) async fn all(db: &mut Connection) -> Result<Vec<Schedule>> {
    sql("SELECT * FROM training_schedules ORDER BY name").read_each(db, read).await
}

/// Those that are due next, soonest first, at most so many.
pub(crate) async fn due_next(db: &mut Connection, most: usize) -> Result<Vec<(ScheduleName, Timestamp)>> {
    sql("SELECT name, fire_at FROM training_schedules WHERE fire_at IS NOT NULL ORDER BY fire_at LIMIT $1")
        .bind(most as i64)
        .read_each(db, |row| Ok((row.parsed("name")?, row.time("fire_at")?)))
        .await
}

/// Takes one away, with its runs.
pub(crate) async fn delete(db: &mut Connection, id: i64) -> Result<()> {
    sql("DELETE FROM schedule_run_jobs WHERE run IN (SELECT id FROM schedule_runs WHERE schedule = $1)")
        .bind(id)
        .execute(db)
        .await?;
    sql("DELETE FROM schedule_runs WHERE schedule = $1").bind(id).execute(db).await?;
    sql("DELETE FROM training_schedules WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Notes that a preset was there. `false`: it was before.
pub(crate) async fn note_preset(db: &mut Connection, name: &str) -> Result<bool> {
    let done = sql("INSERT INTO preset_schedules (name) VALUES ($1) ON CONFLICT (name) DO NOTHING").bind(name);
    Ok(done.execute(db).await? == 1)
}

/// Since when schedules are not looked at, if they are not.
pub(crate) async fn stopped(db: &mut Connection) -> Result<Option<Pause>> {
    let row = sql("SELECT stopped_at, stopped_why FROM scheduler").fetch_one(db).await?;
    let reason = row.opt_text("stopped_why")?.unwrap_or_default();
    Ok(row.opt_time("stopped_at")?.map(|at| Pause { at, reason }))
}

/// Schedules are not looked at any more, or are again.
pub(crate) async fn set_stopped(db: &mut Connection, stopped: Option<&Pause>) -> Result<()> {
    sql("UPDATE scheduler SET stopped_at = $1, stopped_why = $2")
        .bind(stopped.map(|pause| pause.at.0))
        .bind(stopped.map(|pause| pause.reason.as_str()))
        .execute(db)
        .await?;
    Ok(())
}

pub(super) fn read(row: &Row) -> Result<Schedule> {
    Ok(Schedule {
        id: row.int("id")?,
        name: row.parsed("name")?,
        timing: row.json("timing")?,
        zone: row.parsed("zone")?,
        task: row.json("task")?,
        missed: row.parsed("missed")?,
        jitter: row.small("jitter")?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        paused: read_pause(row)?,
        next_due: row.opt_time("next_due")?,
        fire_at: row.opt_time("fire_at")?,
    })
}
