//! Searches, newest first.

use common::vocabulary::ModelKey;

use crate::db::searches::{Search, read};
use crate::db::{Connection, Result, sql};

/// So many searches behind one of this number.
pub(crate) async fn behind(db: &mut Connection, after: Option<i64>, count: u32) -> Result<Vec<Search>> {
    sql("SELECT * FROM searches WHERE id < $1 ORDER BY id DESC LIMIT $2")
        .bind(after.unwrap_or(i64::MAX))
        .bind(count)
        .read_each(db, read)
        .await
}

/// The same of one model.
pub(crate) async fn of_model(
    db: &mut Connection,
    model: &ModelKey,
    after: Option<i64>,
    count: u32,
) -> Result<Vec<Search>> {
    sql("SELECT * FROM searches WHERE model = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
        .bind(model.as_str())
        .bind(after.unwrap_or(i64::MAX))
        .bind(count)
        .read_each(db, read)
        .await
}
