//! How many jobs waited and ran over a span of time: told by when each began to.

use common::vocabulary::Timestamp;

use super::Span;
use crate::db::{Connection, Result, Row, sql};

/// When a job waited and ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Course {
    /// When it entered the backlog.
    pub(crate) enqueued: Timestamp,
    /// When its latest attempt began, if one did.
    pub(crate) started: Option<Timestamp>,
    /// When it ended, if it did.
    pub(crate) ended: Option<Timestamp>,
}

/// Hands over the course of each job that waited or ran in a span.
pub(crate) async fn each(db: &mut Connection, (from, to): Span, mut take: impl FnMut(Course)) -> Result<()> {
    // Each part has an index of its own.
    sql("SELECT enqueued_at, started_at, ended_at FROM jobs WHERE ended_at >= $1 AND enqueued_at < $2
         UNION ALL SELECT enqueued_at, NULL, NULL FROM jobs WHERE state = 'queued' AND enqueued_at < $2
         UNION ALL SELECT enqueued_at, started_at, ended_at FROM jobs
             WHERE state IN ('dispatched', 'running', 'judging') AND enqueued_at < $2")
    .bind(from.0)
    .bind(to.0)
    .read_each(db, |row| {
        take(read(row)?);
        Ok(())
    })
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Course> {
    Ok(Course {
        enqueued: row.time("enqueued_at")?,
        started: row.opt_time("started_at")?,
        ended: row.opt_time("ended_at")?,
    })
}
