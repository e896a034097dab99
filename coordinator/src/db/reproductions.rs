//! Reproductions: versions that were trained again from their manifest. They have no number of their own, and are never removed.

use common::vocabulary::{AttemptId, ContentHash, JobId, Manifest, ModelKey, Timestamp, VersionNumber};

use super::{Connection, Result, Row, sql};

/// What came of training a version again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reproduction {
    /// The job that did it.
    pub(crate) job: JobId,
    /// Whose version.
    pub(crate) model: ModelKey,
    /// The version that was repeated.
    pub(crate) of: VersionNumber,
    /// The attempt that finished.
    pub(crate) attempt: AttemptId,
    /// When it was recorded.
    pub(crate) recorded_at: Timestamp,
    /// Its folder in the store.
    pub(crate) prefix: String,
    /// SHA-256 of its manifest.
    pub(crate) manifest_hash: ContentHash,
    /// The manifest.
    pub(crate) manifest: Manifest,
}

/// Adds one.
pub(crate) async fn insert(db: &mut Connection, one: &Reproduction) -> Result<()> {
    sql("INSERT INTO reproductions (job, model, major, minor, attempt, recorded_at, prefix, manifest_hash, manifest)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(one.job)
    .bind(one.model.as_str())
    .bind(one.of.major)
    .bind(one.of.minor)
    .bind(one.attempt)
    .bind(one.recorded_at.0)
    .bind(&one.prefix)
    .bind(one.manifest_hash.to_string())
    .bind(serde_json::to_string(&one.manifest)?)
    .execute(db)
    .await?;
    Ok(())
}

/// What a job led to.
pub(crate) async fn of_job(db: &mut Connection, job: JobId) -> Result<Option<Reproduction>> {
    let row = sql("SELECT * FROM reproductions WHERE job = $1").bind(job).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Where the artifact of one lies, and the attempt that left it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Left {
    /// The job.
    pub(crate) job: JobId,
    /// The attempt that finished.
    pub(crate) attempt: AttemptId,
    /// The folder in the store.
    pub(crate) prefix: String,
}

/// What all of them left in the store.
pub(crate) async fn left(db: &mut Connection) -> Result<Vec<Left>> {
    let read = |row: &Row| Ok(Left { job: row.id("job")?, attempt: row.id("attempt")?, prefix: row.text("prefix")? });
    sql("SELECT job, attempt, prefix FROM reproductions").read_each(db, read).await
}

fn read(row: &Row) -> Result<Reproduction> {
    Ok(Reproduction {
        job: row.id("job")?,
        model: row.parsed("model")?,
        of: row.number()?,
        attempt: row.id("attempt")?,
        recorded_at: row.time("recorded_at")?,
        prefix: row.text("prefix")?,
        manifest_hash: row.parsed("manifest_hash")?,
        manifest: row.json("manifest")?,
    })
}
