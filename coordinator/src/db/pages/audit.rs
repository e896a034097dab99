//! The audit trail, newest call first.

use common::vocabulary::Timestamp;
use domain::access::Call;

use crate::db::audit::read;
use crate::db::{Connection, Result, sql};

/// Which calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter<'a> {
    /// From this moment on.
    pub(crate) since: Timestamp,
    /// With this token.
    pub(crate) by: Option<&'a str>,
}

/// So many calls behind one of this number, with theirs.
pub(crate) async fn behind(
    db: &mut Connection,
    filter: &Filter<'_>,
    after: Option<i64>,
    count: u32,
) -> Result<Vec<(i64, Call)>> {
    let calls = match filter.by {
        None => sql("SELECT * FROM audit WHERE id < $1 AND at >= $2 ORDER BY id DESC LIMIT $3"),
        Some(_) => sql("SELECT * FROM audit WHERE id < $1 AND at >= $2 AND token = $4 ORDER BY id DESC LIMIT $3"),
    };
    let calls = calls.bind(after.unwrap_or(i64::MAX)).bind(filter.since.0).bind(count);
    let calls = match filter.by {
        None => calls,
        Some(by) => calls.bind(by),
    };
    calls.read_each(db, read).await
}
