//! What happened in a span of time, for reports: its first instant belongs to it, its last does not.

pub(crate) mod activity;
pub(crate) mod fleet;
pub(crate) mod trainings;

use std::collections::BTreeMap;

use common::vocabulary::{Pool, Timestamp};
use domain::alert::AlertKind;
use domain::ledger::Cause;
use domain::schedule::{RunState, ScheduleName};

use super::ledger::LedgerEntry;
use super::predictions::first_of;
use super::{Connection, Result, ledger, sql};

/// A span of time.
pub(crate) type Span = (Timestamp, Timestamp);

/// How live pointers moved: how often for which cause.
pub(crate) async fn moves(db: &mut Connection, (from, to): Span) -> Result<BTreeMap<Cause, u64>> {
    let counted = sql("SELECT kind, count(*) AS moves FROM ledger WHERE at >= $1 AND at < $2 GROUP BY kind")
        .bind(from.0)
        .bind(to.0)
        .read_each(db, |row| Ok((row.parsed("kind")?, row.count("moves")?)));
    Ok(counted.await?.into_iter().collect())
}

/// The newest moves of live pointers.
pub(crate) async fn newest_moves(db: &mut Connection, (from, to): Span, most: usize) -> Result<Vec<LedgerEntry>> {
    sql("SELECT * FROM ledger WHERE at >= $1 AND at < $2 ORDER BY at DESC LIMIT $3")
        .bind(from.0)
        .bind(to.0)
        .bind(most as i64)
        .read_each(db, ledger::read)
        .await
}

/// Alerts that were raised, by kind.
pub(crate) async fn raised(db: &mut Connection, (from, to): Span) -> Result<BTreeMap<AlertKind, u64>> {
    let counted =
        sql("SELECT kind, count(*) AS alerts FROM alerts WHERE raised_at >= $1 AND raised_at < $2 GROUP BY kind")
            .bind(from.0)
            .bind(to.0)
            .read_each(db, |row| Ok((row.parsed("kind")?, row.count("alerts")?)));
    Ok(counted.await?.into_iter().collect())
}

/// How many alerts ended.
pub(crate) async fn resolved(db: &mut Connection, (from, to): Span) -> Result<u64> {
    let counted = sql("SELECT count(*) AS alerts FROM alerts WHERE ended_at >= $1 AND ended_at < $2");
    counted.bind(from.0).bind(to.0).fetch_one(db).await?.count("alerts")
}

/// How the runs of a schedule ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Runs {
    /// The schedule; nothing where somebody asked for a task without one.
    pub(crate) schedule: Option<ScheduleName>,
    /// In which state.
    pub(crate) state: RunState,
    /// How many.
    pub(crate) runs: u64,
    /// Seconds that they took together.
    pub(crate) seconds: f64,
}

/// Runs of schedules that ended.
pub(crate) async fn runs(db: &mut Connection, (from, to): Span) -> Result<Vec<Runs>> {
    sql("SELECT s.name, r.state, count(*) AS runs, CAST(COALESCE(sum(r.ended_at - r.begun_at), 0) AS BIGINT) AS took
         FROM schedule_runs r LEFT JOIN training_schedules s ON s.id = r.schedule
         WHERE r.ended_at >= $1 AND r.ended_at < $2 GROUP BY s.name, r.state ORDER BY s.name, r.state")
    .bind(from.0)
    .bind(to.0)
    .read_each(db, |row| {
        Ok(Runs {
            schedule: row.opt_parsed("name")?,
            state: row.parsed("state")?,
            runs: row.count("runs")?,
            seconds: row.int("took")? as f64 / 1e6,
        })
    })
    .await
}

/// What a pool's workers did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Worked {
    /// The pool.
    pub(crate) pool: Pool,
    /// Workers that ended an attempt.
    pub(crate) workers: u64,
    /// Attempts that ended.
    pub(crate) attempts: u64,
    /// Of those, the ones whose worker was heard of no more.
    pub(crate) lost: u64,
    /// Seconds from their start to their end, together.
    pub(crate) seconds: f64,
}

/// What workers did, by pool.
pub(crate) async fn worked(db: &mut Connection, (from, to): Span) -> Result<Vec<Worked>> {
    sql("SELECT j.pool, count(*) AS attempts, count(DISTINCT a.worker) AS workers,
             sum(CASE WHEN a.outcome = 'lost' THEN 1 ELSE 0 END) AS lost,
             CAST(COALESCE(sum(a.ended_at - a.started_at), 0) AS BIGINT) AS took
         FROM attempts a JOIN jobs j ON j.id = a.job
         WHERE a.ended_at >= $1 AND a.ended_at < $2 GROUP BY j.pool ORDER BY j.pool")
    .bind(from.0)
    .bind(to.0)
    .read_each(db, |row| {
        Ok(Worked {
            pool: row.parsed("pool")?,
            workers: row.count("workers")?,
            attempts: row.count("attempts")?,
            lost: row.count("lost")?,
            seconds: row.int("took")? as f64 / 1e6,
        })
    })
    .await
}

/// Answers that were served, and how many of them a person has told the outcome of.
pub(crate) async fn served(db: &mut Connection, (from, to): Span) -> Result<(u64, u64)> {
    let counted =
        sql("SELECT count(*) AS served, count(label) AS labelled FROM predictions WHERE id >= $1 AND id < $2")
            .bind(first_of(from))
            .bind(first_of(to));
    let row = counted.fetch_one(db).await?;
    Ok((row.count("served")?, row.count("labelled")?))
}

/// Imports that brought rows.
pub(crate) async fn imports(db: &mut Connection, (from, to): Span) -> Result<u64> {
    let counted = sql("SELECT count(*) AS imports FROM imports WHERE at >= $1 AND at < $2");
    counted.bind(from.0).bind(to.0).fetch_one(db).await?.count("imports")
}
