//! The line and those who have left it: which jobs come next, and which are under way.

use std::collections::{BTreeMap, HashMap};

use common::vocabulary::{JobId, JobState, ModelKey, Pool, Timestamp, WorkerId};

use super::jobs::{Job, read};
use super::{Connection, Result, sql};

/// The first jobs of a pool's line that may be dispatched now, best first; those of paused models are passed over.
pub(crate) async fn first(db: &mut Connection, pool: &Pool, count: u32, now: Timestamp) -> Result<Vec<Job>> {
    let rows =
        sql("SELECT * FROM jobs WHERE pool = $1 AND state = 'queued' AND (not_before IS NULL OR not_before <= $2)
         AND NOT EXISTS (SELECT 1 FROM models WHERE key = jobs.model AND paused_at IS NOT NULL)
         ORDER BY order_key, id LIMIT $3")
        .bind(pool.as_str())
        .bind(now.0)
        .bind(i64::from(count))
        .fetch_all(db)
        .await?;
    rows.iter().map(read).collect()
}

/// The jobs that have left the line and not ended.
pub(crate) async fn under_way(db: &mut Connection) -> Result<Vec<Job>> {
    let rows = sql("SELECT * FROM jobs WHERE state IN ('dispatched', 'running', 'judging')").fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// The jobs that have not ended.
pub(crate) async fn unfinished(db: &mut Connection) -> Result<Vec<Job>> {
    let rows =
        sql("SELECT * FROM jobs WHERE state IN ('queued', 'dispatched', 'running', 'judging')").fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Waiting jobs that somebody asked to cancel.
pub(crate) async fn cancelling(db: &mut Connection) -> Result<Vec<Job>> {
    let rows = sql("SELECT * FROM jobs WHERE state = 'queued' AND cancelling <> 0").fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Pools with somebody waiting.
pub(crate) async fn pools(db: &mut Connection) -> Result<Vec<Pool>> {
    let rows = sql("SELECT DISTINCT pool FROM jobs WHERE state = 'queued' ORDER BY pool").fetch_all(db).await?;
    rows.iter().map(|row| row.parsed("pool")).collect()
}

/// How many jobs of a pool there are, by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// In the line.
    pub(crate) queued: u64,
    /// Of those, held because their model is paused.
    pub(crate) held: u64,
    /// Their doorbell is out.
    pub(crate) dispatched: u64,
    /// A worker holds them.
    pub(crate) running: u64,
}

/// How many jobs each pool has that are not done. The line is counted in its index.
pub(crate) async fn counts(db: &mut Connection) -> Result<BTreeMap<Pool, Count>> {
    let mut counts: BTreeMap<Pool, Count> = BTreeMap::new();
    let queued = sql("SELECT pool, count(*) AS n FROM jobs WHERE state = 'queued' GROUP BY pool");
    for row in queued.fetch_all(&mut *db).await? {
        counts.entry(row.parsed("pool")?).or_default().queued = row.count("n")?;
    }
    let held = sql("SELECT j.pool, count(*) AS n FROM models m JOIN jobs j ON j.model = m.key
         WHERE m.paused_at IS NOT NULL AND j.state = 'queued' GROUP BY j.pool");
    for row in held.fetch_all(&mut *db).await? {
        counts.entry(row.parsed("pool")?).or_default().held = row.count("n")?;
    }
    let out = sql(
        "SELECT pool, state, count(*) AS n FROM jobs WHERE state IN ('dispatched', 'running') GROUP BY pool, state",
    );
    for row in out.fetch_all(&mut *db).await? {
        let count = counts.entry(row.parsed("pool")?).or_default();
        let n = row.count("n")?;
        if row.parsed::<JobState>("state")? == JobState::Running { count.running = n } else { count.dispatched = n }
    }
    Ok(counts)
}

/// How many jobs each worker holds, by the rows.
pub(crate) async fn held(db: &mut Connection) -> Result<HashMap<WorkerId, u32>> {
    let rows =
        sql("SELECT worker, count(*) AS n FROM jobs WHERE state = 'running' GROUP BY worker").fetch_all(db).await?;
    rows.iter()
        .filter_map(|row| match row.opt_id("worker") {
            Ok(Some(worker)) => Some(row.small("n").map(|n| (worker, n))),
            Ok(None) => None,
            Err(e) => Some(Err(e)),
        })
        .collect()
}

/// The jobs a worker holds, by the rows.
pub(crate) async fn held_by(db: &mut Connection, worker: WorkerId) -> Result<HashMap<JobId, Job>> {
    let rows = sql("SELECT * FROM jobs WHERE state = 'running' AND worker = $1").bind(worker).fetch_all(db).await?;
    rows.iter().map(|row| read(row).map(|job| (job.id, job))).collect()
}

/// The place of every waiting job, from 1, by pool.
pub(crate) async fn places(db: &mut Connection) -> Result<HashMap<JobId, u64>> {
    let rows = sql(
        "SELECT id, row_number() OVER (PARTITION BY pool ORDER BY order_key, id) AS place FROM jobs WHERE state = 'queued'",
    )
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.id("id")?, row.count("place")?))).collect()
}

/// Jobs to show: under way first, then the line in its order, then the ended, newest first.
pub(crate) async fn list(
    db: &mut Connection,
    state: Option<JobState>,
    model: Option<&ModelKey>,
    limit: u32,
) -> Result<Vec<Job>> {
    let rows = sql(
        "SELECT * FROM jobs WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR model = $2)
         ORDER BY CASE state WHEN 'judging' THEN 0 WHEN 'running' THEN 1 WHEN 'dispatched' THEN 2 WHEN 'queued' THEN 3 ELSE 4 END,
             CASE WHEN state = 'queued' THEN order_key ELSE 0 END,
             CASE WHEN ended_at IS NULL THEN started_at ELSE -ended_at END NULLS FIRST, id
         LIMIT $3",
    )
    .bind(state.map(JobState::as_str))
    .bind(model.map(ModelKey::as_str))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}
