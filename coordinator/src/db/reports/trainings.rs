//! Trainings that ended in a span of time.

use common::vocabulary::{FailureClass, JobState, ModelKey, VersionNumber};
use domain::job_reason::JobReason;

use super::Span;
use crate::db::verdicts::VerdictRecord;
use crate::db::{Connection, Result, Row, sql};
use crate::wording::StoredMessage as _;

/// A training that ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ended {
    /// Whose.
    pub(crate) model: ModelKey,
    /// How it ended.
    pub(crate) state: JobState,
    /// Seconds that it waited for its start.
    pub(crate) waited: Option<f64>,
    /// Seconds from the start of its last attempt to its end.
    pub(crate) seconds: Option<f64>,
    /// Whether its version went live.
    pub(crate) is_live: bool,
    /// The version it made, and how that was judged.
    pub(crate) version: Option<(VersionNumber, Option<VerdictRecord>)>,
    /// Of which kind its failure was.
    pub(crate) failure: Option<FailureClass>,
    /// Why it ended as it did.
    pub(crate) reason: JobReason,
}

/// Hands over each training that ended, in no order; reproductions are none.
pub(crate) async fn each(db: &mut Connection, (from, to): Span, mut take: impl FnMut(Ended)) -> Result<()> {
    sql("SELECT j.model, j.state, j.failure, j.why, j.enqueued_at, j.started_at, j.ended_at, v.major, v.minor, v.verdict,
             l.live_seq
         FROM jobs j LEFT JOIN versions v ON v.job = j.id LEFT JOIN ledger l ON l.job = j.id
         WHERE j.ended_at >= $1 AND j.ended_at < $2 AND j.kind = 'train' AND j.reproduces IS NULL")
    .bind(from.0)
    .bind(to.0)
    .read_each(db, |row| {
        take(read(row)?);
        Ok(())
    })
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Ended> {
    let (enqueued, started, ended) = (row.time("enqueued_at")?, row.opt_time("started_at")?, row.time("ended_at")?);
    let version = row.version("major", "minor")?;
    Ok(Ended {
        model: row.parsed("model")?,
        state: row.parsed("state")?,
        waited: started.map(|started| started.seconds_since(enqueued).max(0.0)),
        seconds: started.map(|started| ended.seconds_since(started).max(0.0)),
        is_live: row.opt_int("live_seq")?.is_some(),
        version: version.map(|number| Ok::<_, super::super::Error>((number, row.opt_json("verdict")?))).transpose()?,
        failure: row.opt_parsed("failure")?,
        reason: JobReason::read(row.text("why")?),
    })
}
