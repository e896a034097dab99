//! The backlog and those who have left it: which jobs come next, and which are under way.

use std::collections::{BTreeMap, HashMap};

use common::vocabulary::{AttemptId, ClaimId, JobId, JobSpec, JobState, Pool, Timestamp, WorkerId};

use super::jobs::{Job, read};
use super::{Connection, Result, sql};

/// The first jobs of a pool's backlog that may be dispatched now, best first; those of paused models are passed over. `longest`: the most
/// seconds that a retry is put off by, see [`domain::due::is_due`].
pub(crate) async fn first(
    db: &mut Connection,
    pool: &Pool,
    count: u32,
    now: Timestamp,
    longest: f64,
) -> Result<Vec<Job>> {
    let rows =
        sql("SELECT * FROM jobs WHERE pool = $1 AND state = 'queued' AND (not_before IS NULL OR not_before <= $2 OR not_before > $3)
         AND NOT EXISTS (SELECT 1 FROM models WHERE key = jobs.model AND paused_at IS NOT NULL)
         ORDER BY order_key, id LIMIT $4")
        .bind(pool.as_str())
        .bind(now.0)
        .bind(now.plus_seconds(longest).0)
        .bind(i64::from(count))
        .fetch_all(db)
        .await?;
    rows.iter().map(read).collect()
}

/// The jobs that have left the backlog and not ended.
pub(crate) async fn under_way(db: &mut Connection) -> Result<Vec<Job>> {
    let rows = sql("SELECT * FROM jobs WHERE state IN ('dispatched', 'running', 'judging')").fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// A job whose doorbell is out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ring {
    pub(crate) job: JobId,
    /// As which attempt.
    pub(crate) attempt: AttemptId,
    /// Since when.
    pub(crate) at: Timestamp,
    /// Its own pool.
    pub(crate) pool: Pool,
    /// The pool whose workers hear it.
    pub(crate) dispatch_pool: Pool,
    /// Whether it is a small one.
    pub(crate) small: bool,
}

/// What has left the backlog and needs a slot, at one moment.
#[derive(Debug, Default)]
pub(crate) struct Out {
    /// Doorbells that nobody has answered.
    pub(crate) rings: Vec<Ring>,
    /// Claims that were granted.
    pub(crate) held: Holders,
}

// The index of jobs under way serves these on both databases only if they name its states, as SQLite wants it, and one of them
// alone, because PostgreSQL reads several by a bitmap, and that visits every row that was under way once.
const OUT: &str = "SELECT id, attempt, claim, worker, dispatched_at, pool, COALESCE(stand_in, pool) AS place,
         CASE WHEN kind = 'probe' THEN spec END AS small
     FROM jobs WHERE state IN ('dispatched', 'running', 'judging') AND state = 'dispatched'
     UNION ALL
     SELECT id, attempt, claim, worker, dispatched_at, pool, pool, NULL
     FROM jobs WHERE state IN ('dispatched', 'running', 'judging') AND state = 'running'";
const HELD: &str =
    "SELECT worker, claim FROM jobs WHERE state IN ('dispatched', 'running', 'judging') AND state = 'running'";
const HOLDINGS: &str =
    "SELECT worker, id FROM jobs WHERE state IN ('dispatched', 'running', 'judging') AND state = 'running'";
const HELD_BY: &str = "SELECT * FROM jobs
     WHERE state IN ('dispatched', 'running', 'judging') AND state = 'running' AND worker = $1";

/// The jobs that have left the backlog and need a slot. One statement: a job that is claimed meanwhile is in one of the two, never in
/// both.
pub(crate) async fn out(db: &mut Connection) -> Result<Out> {
    let rows = sql(OUT).fetch_all(db).await?;
    let mut out = Out::default();
    for row in &rows {
        if let Some((worker, claim)) = row.opt_id("worker")?.zip(row.opt_id("claim")?) {
            out.held.entry(worker).or_default().push(claim);
        } else {
            let spec: Option<JobSpec> = row.opt_json("small")?;
            out.rings.push(Ring {
                job: row.id("id")?,
                attempt: row.id("attempt")?,
                at: row.time("dispatched_at")?,
                pool: row.parsed("pool")?,
                dispatch_pool: row.parsed("place")?,
                small: spec.is_some_and(|spec| spec.is_small()),
            });
        }
    }
    Ok(out)
}

/// The jobs that have not ended.
pub(crate) async fn unfinished(db: &mut Connection) -> Result<Vec<Job>> {
    let rows = sql("SELECT * FROM jobs WHERE state = 'queued'
         UNION ALL SELECT * FROM jobs WHERE state IN ('dispatched', 'running', 'judging')");
    rows.read_each(db, read).await
}

/// Waiting jobs that somebody asked to cancel.
pub(crate) async fn cancelling(db: &mut Connection) -> Result<Vec<Job>> {
    let rows = sql("SELECT * FROM jobs WHERE state = 'queued' AND cancelling <> 0").fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Pools with somebody waiting.
pub(crate) async fn pools(db: &mut Connection) -> Result<Vec<Pool>> {
    // From one pool to the next by the index: the backlog of each may be long.
    let rows = sql("WITH RECURSIVE found (pool) AS (
             SELECT min(pool) FROM jobs WHERE state = 'queued'
             UNION ALL
             SELECT (SELECT min(pool) FROM jobs WHERE state = 'queued' AND pool > found.pool) FROM found WHERE pool IS NOT NULL
         )
         SELECT pool FROM found WHERE pool IS NOT NULL")
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.parsed("pool")).collect()
}

/// How many jobs of a pool there are, by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// In the backlog.
    pub(crate) queued: u64,
    /// Of those, held because their model is paused.
    pub(crate) held: u64,
    /// Their doorbell is out.
    pub(crate) dispatched: u64,
    /// A worker holds them.
    pub(crate) running: u64,
    /// Their result is recorded.
    pub(crate) judging: u64,
}

/// How many jobs each pool has that are not done. The backlog is counted in its index.
pub(crate) async fn counts(db: &mut Connection) -> Result<BTreeMap<Pool, Count>> {
    let mut counts: BTreeMap<Pool, Count> = BTreeMap::new();
    let queued = sql("SELECT pool, count(*) AS n FROM jobs WHERE state = 'queued' GROUP BY pool");
    for row in queued.fetch_all(&mut *db).await? {
        counts.entry(row.parsed("pool")?).or_default().queued = row.count("n")?;
    }
    let held = sql("SELECT j.pool, count(*) AS n FROM models m CROSS JOIN jobs j
         WHERE j.model = m.key AND m.paused_at IS NOT NULL AND j.state = 'queued' GROUP BY j.pool");
    for row in held.fetch_all(&mut *db).await? {
        counts.entry(row.parsed("pool")?).or_default().held = row.count("n")?;
    }
    let out = sql(
        "SELECT pool, state, count(*) AS n FROM jobs WHERE state IN ('dispatched', 'running', 'judging') GROUP BY pool, state",
    );
    for row in out.fetch_all(&mut *db).await? {
        let count = counts.entry(row.parsed("pool")?).or_default();
        let of_state = match row.parsed("state")? {
            JobState::Dispatched => &mut count.dispatched,
            JobState::Running => &mut count.running,
            _ => &mut count.judging,
        };
        *of_state = row.count("n")?;
    }
    Ok(counts)
}

/// The claims that hold jobs, by the rows.
pub(crate) type Holders = HashMap<WorkerId, Vec<ClaimId>>;

/// Which claims each worker has, by the rows.
pub(crate) async fn held(db: &mut Connection) -> Result<Holders> {
    let mut held = Holders::new();
    for row in sql(HELD).fetch_all(db).await? {
        if let Some((worker, claim)) = row.opt_id("worker")?.zip(row.opt_id("claim")?) {
            held.entry(worker).or_default().push(claim);
        }
    }
    Ok(held)
}

/// The ids of the jobs that each worker holds, by the rows.
pub(crate) async fn holdings(db: &mut Connection) -> Result<HashMap<WorkerId, Vec<JobId>>> {
    let mut holdings: HashMap<WorkerId, Vec<JobId>> = HashMap::new();
    for row in sql(HOLDINGS).fetch_all(db).await? {
        if let Some(worker) = row.opt_id("worker")? {
            holdings.entry(worker).or_default().push(row.id("id")?);
        }
    }
    Ok(holdings)
}

/// The jobs a worker holds, by the rows.
pub(crate) async fn held_by(db: &mut Connection, worker: WorkerId) -> Result<HashMap<JobId, Job>> {
    let rows = sql(HELD_BY).bind(worker).fetch_all(db).await?;
    rows.iter().map(|row| read(row).map(|job| (job.id, job))).collect()
}

/// Jobs of each pool whose positions are counted when many are shown.
pub(crate) const COUNTED_POSITIONS: u32 = 1000;

/// The positions of the first [`COUNTED_POSITIONS`] waiting jobs of each pool, from 1.
pub(crate) async fn positions(db: &mut Connection) -> Result<HashMap<JobId, u64>> {
    let mut positions = HashMap::new();
    for pool in pools(db).await? {
        let first = sql("SELECT id FROM jobs WHERE pool = $1 AND state = 'queued' ORDER BY order_key, id LIMIT $2");
        let rows = first.bind(pool.as_str()).bind(COUNTED_POSITIONS).fetch_all(&mut *db).await?;
        for (row, position) in rows.iter().zip(1..) {
            positions.insert(row.id("id")?, position);
        }
    }
    Ok(positions)
}

/// The position of a waiting job, from 1.
pub(crate) async fn position(db: &mut Connection, job: &Job) -> Result<u64> {
    let before =
        sql("SELECT count(*) AS n FROM jobs WHERE pool = $1 AND state = 'queued' AND (order_key, id) < ($2, $3)");
    let row = before.bind(job.pool.as_str()).bind(job.order_key).bind(job.id).fetch_one(db).await?;
    Ok(row.count("n")? + 1)
}

/// The first so many of several backlogs, in order.
pub(crate) fn merge(jobs: &mut Vec<Job>, count: u32) {
    jobs.sort_by(|a, b| a.order_key.total_cmp(&b.order_key).then(a.id.cmp(&b.id)));
    jobs.truncate(count as usize);
}

#[cfg(test)]
mod tests {
    use common::connect::Trust;
    use sqlx::{AssertSqlSafe, Row as _};

    use super::*;
    use crate::db::Database;

    // What is asked at every turn of the backlog may not cost more the more jobs there ever were.
    #[tokio::test]
    async fn sqlite_finds_what_is_under_way_by_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/refit.db", folder.path().display());
        let db = Database::open(&url, &Trust::default()).await.unwrap();
        let mut reader = db.read().await.unwrap();
        let Connection::Sqlite(sqlite) = &mut *reader else { panic!("a SQLite URL") };
        for text in [OUT, HELD, HOLDINGS, HELD_BY] {
            let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan = sqlx::query(explained).fetch_all(&mut *sqlite.parts().unwrap().0).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
            let searched = steps.iter().filter(|step| step.contains("SEARCH jobs USING INDEX jobs_active")).count();
            assert_eq!(searched, text.matches("FROM jobs").count(), "{text}: {steps:?}");
        }
    }
}
