//! Rows that are kept for a while only, removed some at a time.

use std::collections::{BTreeSet, HashSet};

use common::vocabulary::{AttemptId, JobId, Timestamp};
use newtype_uuid::GenericUuid;
use uuid::Uuid;

use super::{Connection, Result, Row, lists, sql};

/// A job that has ended, and when: what pages of them are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndedJob {
    pub(crate) ended_at: Timestamp,
    pub(crate) id: JobId,
}

/// The next page of jobs that ended before a moment, oldest first; the one after `last`.
pub(crate) async fn ended_jobs(
    db: &mut Connection,
    last: Option<EndedJob>,
    before: Timestamp,
    most: usize,
) -> Result<Vec<EndedJob>> {
    let (at, id) = last.map_or((i64::MIN, Uuid::nil()), |job| (job.ended_at.0, job.id.into_untyped_uuid()));
    sql("SELECT id, ended_at FROM jobs WHERE ended_at >= $1 AND ended_at < $2 AND (ended_at > $3 OR id > $4)
         ORDER BY ended_at, id LIMIT $5")
    .bind(at)
    .bind(before.0)
    .bind(at)
    .bind(JobId::from_untyped_uuid(id))
    .bind(most as i64)
    .read_each(db, |row| Ok(EndedJob { ended_at: row.time("ended_at")?, id: row.id("id")? }))
    .await
}

/// Those of some jobs that something else refers to: a version, an entry of a ledger, a reproduction, the newest monitoring of a model.
pub(crate) async fn referred_to(db: &mut Connection, jobs: &[JobId]) -> Result<HashSet<JobId>> {
    const TEXTS: [&str; 4] = [
        "SELECT job FROM versions WHERE job IN ",
        "SELECT job FROM ledger WHERE job IN ",
        "SELECT job FROM reproductions WHERE job IN ",
        "SELECT job FROM watches WHERE job IN ",
    ];
    let mut found = HashSet::new();
    for text in TEXTS {
        for jobs in lists(jobs) {
            found.extend(sql(text).one_of(jobs.iter().copied()).read_each(&mut *db, job).await?);
        }
    }
    Ok(found)
}

/// Those of some jobs that are batch predictions.
pub(crate) async fn batches(db: &mut Connection, jobs: &[JobId]) -> Result<HashSet<JobId>> {
    let mut found = HashSet::new();
    for jobs in lists(jobs) {
        let batches = sql("SELECT job FROM batches WHERE job IN ").one_of(jobs.iter().copied());
        found.extend(batches.read_each(&mut *db, job).await?);
    }
    Ok(found)
}

fn job(row: &Row) -> Result<JobId> {
    row.id("job")
}

/// Removes jobs with their attempts.
pub(crate) async fn remove_jobs(db: &mut Connection, jobs: &[JobId]) -> Result<()> {
    const TEXTS: [&str; 3] =
        ["DELETE FROM attempts WHERE job IN ", "DELETE FROM batches WHERE job IN ", "DELETE FROM jobs WHERE id IN "];
    for text in TEXTS {
        for jobs in lists(jobs) {
            sql(text).one_of(jobs.iter().copied()).execute(&mut *db).await?;
        }
    }
    Ok(())
}

/// Removes the oldest attempts without a result from before a moment, of jobs that have ended; at most so many. How many these were.
pub(crate) async fn remove_attempts(db: &mut Connection, before: Timestamp, most: usize) -> Result<u64> {
    let old: Vec<(AttemptId, JobId)> =
        sql("SELECT id, job FROM attempts WHERE ended_at > 0 AND ended_at < $1 AND outcome <> 'result'
             ORDER BY ended_at LIMIT $2")
        .bind(before.0)
        .bind(most as i64)
        .read_each(db, |row| Ok((row.id("id")?, row.id("job")?)))
        .await?;
    let jobs: Vec<JobId> = old.iter().map(|(_, job)| *job).collect::<BTreeSet<_>>().into_iter().collect();
    let mut ended: HashSet<JobId> = HashSet::new();
    for jobs in lists(&jobs) {
        let statement = sql("SELECT id FROM jobs WHERE ended_at IS NOT NULL AND id IN ").one_of(jobs.iter().copied());
        ended.extend(statement.read_each(&mut *db, |row| row.id("id")).await?);
    }
    let goes: Vec<AttemptId> = old.into_iter().filter(|(_, job)| ended.contains(job)).map(|(id, _)| id).collect();
    for attempts in lists(&goes) {
        sql("DELETE FROM attempts WHERE id IN ").one_of(attempts.iter().copied()).execute(&mut *db).await?;
    }
    Ok(goes.len() as u64)
}

/// Removes the oldest changes of decisions from before a moment, at most so many; how many these were.
pub(crate) async fn remove_decisions(db: &mut Connection, before: Timestamp, most: usize) -> Result<u64> {
    let old = sql("SELECT id FROM decision_history WHERE made_at > 0 AND made_at < $1 ORDER BY made_at LIMIT $2");
    let old: Vec<i64> = old.bind(before.0).bind(most as i64).read_each(db, |row| row.int("id")).await?;
    for ids in lists(&old) {
        sql("DELETE FROM decision_history WHERE id IN ").one_of(ids.iter().copied()).execute(&mut *db).await?;
    }
    Ok(old.len() as u64)
}

/// How many changes of decisions are from before a moment.
pub(crate) async fn count_decisions(db: &mut Connection, before: Timestamp) -> Result<u64> {
    let counted = sql("SELECT count(*) AS n FROM decision_history WHERE made_at > 0 AND made_at < $1").bind(before.0);
    counted.fetch_one(db).await?.count("n")
}

/// Forgets the oldest reports of imports from before a moment, at most so many; how many these were. The imports stay: their rows
/// name them.
pub(crate) async fn forget_reports(db: &mut Connection, before: Timestamp, most: usize) -> Result<u64> {
    let old = sql("SELECT id FROM imports WHERE at > 0 AND at < $1 AND report <> '{}' ORDER BY at LIMIT $2");
    let old: Vec<i64> = old.bind(before.0).bind(most as i64).read_each(db, |row| row.int("id")).await?;
    for ids in lists(&old) {
        sql("UPDATE imports SET report = '{}' WHERE id IN ").one_of(ids.iter().copied()).execute(&mut *db).await?;
    }
    Ok(old.len() as u64)
}

/// How many imports from before a moment have a report.
pub(crate) async fn count_reports(db: &mut Connection, before: Timestamp) -> Result<u64> {
    let counted = sql("SELECT count(*) AS n FROM imports WHERE at > 0 AND at < $1 AND report <> '{}'").bind(before.0);
    counted.fetch_one(db).await?.count("n")
}
