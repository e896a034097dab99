//! Schedules by name, and their runs, newest first.

use domain::schedule::ScheduleName;

use crate::db::schedule_runs::{self, Run};
use crate::db::schedules::{Schedule, read};
use crate::db::{Connection, Result, sql};

/// So many schedules behind a name.
pub(crate) async fn behind(db: &mut Connection, after: Option<&ScheduleName>, count: u32) -> Result<Vec<Schedule>> {
    sql("SELECT * FROM training_schedules WHERE name > $1 ORDER BY name LIMIT $2")
        .bind(after.map_or("", ScheduleName::as_str))
        .bind(count)
        .read_each(db, read)
        .await
}

/// So many runs of a schedule behind one of this due time, with those due before it; microseconds.
pub(crate) async fn runs(db: &mut Connection, schedule: i64, after: Option<i64>, count: u32) -> Result<Vec<Run>> {
    sql("SELECT r.*, s.name FROM schedule_runs r LEFT JOIN training_schedules s ON s.id = r.schedule
         WHERE r.schedule = $1 AND r.due < $2 ORDER BY r.due DESC LIMIT $3")
    .bind(schedule)
    .bind(after.unwrap_or(i64::MAX))
    .bind(count)
    .read_each(db, schedule_runs::read)
    .await
}

/// So many runs of all schedules, and of none, behind one of this number, newest first.
pub(crate) async fn all_runs(db: &mut Connection, after: Option<i64>, count: u32) -> Result<Vec<Run>> {
    sql("SELECT r.*, s.name FROM schedule_runs r LEFT JOIN training_schedules s ON s.id = r.schedule
         WHERE r.id < $1 ORDER BY r.id DESC LIMIT $2")
    .bind(after.unwrap_or(i64::MAX))
    .bind(count)
    .read_each(db, schedule_runs::read)
    .await
}
