//! Batch predictions: what each is asked for, and what came of it.

use std::collections::HashMap;

use common::vocabulary::{ContentHash, JobId, Timestamp, VersionNumber};

use super::{Connection, Result, Row, lists, sql};

/// One batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Batch {
    /// Its job.
    pub(crate) job: JobId,
    /// The version that predicts.
    pub(crate) version: VersionNumber,
    /// Rows to be predicted.
    pub(crate) rows: u64,
    /// The file of predictions, once there is one.
    pub(crate) output: Option<ContentHash>,
}

/// Adds one.
pub(crate) async fn insert(db: &mut Connection, batch: &Batch) -> Result<()> {
    sql("INSERT INTO batches (job, major, minor, rows) VALUES ($1, $2, $3, $4)")
        .bind(batch.job)
        .bind(batch.version.major)
        .bind(batch.version.minor)
        .bind(batch.rows as i64)
        .execute(db)
        .await?;
    Ok(())
}

/// Writes down what came of one; `false` if that was known.
pub(crate) async fn set_output(db: &mut Connection, job: JobId, output: ContentHash) -> Result<bool> {
    let changed = sql("UPDATE batches SET output = $2 WHERE job = $1 AND output IS NULL").bind(job);
    Ok(changed.bind(output.to_string()).execute(db).await? == 1)
}

/// Those of some jobs that are batches.
pub(crate) async fn of_jobs(db: &mut Connection, jobs: &[JobId]) -> Result<HashMap<JobId, Batch>> {
    let mut found = HashMap::new();
    for jobs in lists(jobs) {
        for row in sql("SELECT * FROM batches WHERE job IN ").one_of(jobs.iter().copied()).fetch_all(&mut *db).await? {
            let batch = read(&row)?;
            found.insert(batch.job, batch);
        }
    }
    Ok(found)
}

/// Batches with a file of predictions that have ended since a moment, or have not ended.
pub(crate) async fn served_since(db: &mut Connection, moment: Timestamp) -> Result<Vec<Batch>> {
    let rows = sql("SELECT b.* FROM batches b JOIN jobs j ON j.id = b.job
         WHERE b.output IS NOT NULL AND (j.ended_at IS NULL OR j.ended_at >= $1)")
    .bind(moment.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Batch> {
    Ok(Batch {
        job: row.id("job")?,
        version: row.number()?,
        rows: row.count("rows")?,
        output: row.opt_parsed("output")?,
    })
}
