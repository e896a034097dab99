//! The audit trail: one row a call that may have changed something.

use common::vocabulary::Timestamp;

use super::{Connection, Result, Row, sql};
use crate::domain::access::Call;

/// Which calls to read: the newest of those before a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    /// Only from this moment on.
    pub(crate) since: Timestamp,
    /// Only those of this token.
    pub(crate) by: Option<&'a str>,
    /// Only those with a lower number.
    pub(crate) before: i64,
    /// At most so many.
    pub(crate) limit: u32,
}

/// Adds calls: at most [`CHUNK`](super::CHUNK), and at least one.
pub(crate) async fn insert(db: &mut Connection, calls: &[Call]) -> Result<()> {
    sql("INSERT INTO audit (at, token, method, route, subject, status, remote) VALUES ")
        .rows(calls, |call| {
            [
                call.at.0.into(),
                (&call.by).into(),
                (&call.method).into(),
                (&call.route).into(),
                (&call.subject).into(),
                i64::from(call.status).into(),
                (&call.remote).into(),
            ]
        })
        .execute(db)
        .await?;
    Ok(())
}

/// Calls with their numbers, newest first.
pub(crate) async fn page(db: &mut Connection, page: Page<'_>) -> Result<Vec<(i64, Call)>> {
    let rows = match page.by {
        None => sql("SELECT * FROM audit WHERE id < $1 AND at >= $2 ORDER BY id DESC LIMIT $3"),
        Some(_) => sql("SELECT * FROM audit WHERE id < $1 AND at >= $2 AND token = $4 ORDER BY id DESC LIMIT $3"),
    };
    let rows = rows.bind(page.before).bind(page.since.0).bind(i64::from(page.limit));
    let rows = match page.by {
        None => rows,
        Some(by) => rows.bind(by),
    };
    rows.fetch_all(db).await?.iter().map(read).collect()
}

/// Whether there are calls from before a moment.
pub(crate) async fn reaches_before(db: &mut Connection, moment: Timestamp) -> Result<bool> {
    let oldest = sql("SELECT at FROM audit WHERE at < $1 ORDER BY at LIMIT 1").bind(moment.0);
    Ok(oldest.fetch_optional(db).await?.is_some())
}

/// Removes calls from before a moment, the oldest, at most so many; how many these were.
pub(crate) async fn remove_before(db: &mut Connection, moment: Timestamp, most: u32) -> Result<u64> {
    sql("DELETE FROM audit WHERE at < $1 AND id <= (SELECT id FROM (
             SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2) oldest ORDER BY id DESC LIMIT 1)")
    .bind(moment.0)
    .bind(i64::from(most))
    .execute(db)
    .await
}

fn read(row: &Row) -> Result<(i64, Call)> {
    let call = Call {
        at: row.time("at")?,
        by: row.text("token")?,
        method: row.text("method")?,
        route: row.text("route")?,
        subject: row.text("subject")?,
        status: row.small("status")? as u16,
        remote: row.text("remote")?,
    };
    Ok((row.int("id")?, call))
}
