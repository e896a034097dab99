//! A model's ledger, newest entry first.

use common::vocabulary::ModelKey;

use crate::db::ledger::{LedgerEntry, read};
use crate::db::{Connection, Result, sql};

/// So many entries of a model behind one of this number.
pub(crate) async fn behind(
    db: &mut Connection,
    model: &ModelKey,
    after: Option<u64>,
    count: u32,
) -> Result<Vec<LedgerEntry>> {
    sql("SELECT * FROM ledger WHERE model = $1 AND live_seq < $2 ORDER BY live_seq DESC LIMIT $3")
        .bind(model.as_str())
        .bind(after.map_or(i64::MAX, u64::cast_signed))
        .bind(count)
        .read_each(db, read)
        .await
}
