//! The audit trail: one row a call that may have changed something.

use common::vocabulary::Timestamp;
use domain::access::Call;

use super::{Connection, Result, Row, sql};

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

pub(super) fn read(row: &Row) -> Result<(i64, Call)> {
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
