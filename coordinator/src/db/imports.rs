//! Imports: each has a number that only grows, which the rows it brought carry.

use common::vocabulary::Timestamp;

use super::{Connection, Result, sql};

/// Begins an import of a symbol's bars or a data set's rows: the number its rows will carry.
pub(crate) async fn begin(db: &mut Connection, file: &str, target: &str, now: Timestamp) -> Result<i64> {
    let done = sql("INSERT INTO imports (file, target, at, report) VALUES ($1, $2, $3, '{}') RETURNING id")
        .bind(file)
        .bind(target)
        .bind(now.0)
        .fetch_one(db)
        .await?;
    done.int("id")
}

/// Keeps what became of an import.
pub(crate) async fn finish(db: &mut Connection, import: i64, report: &impl serde::Serialize) -> Result<()> {
    sql("UPDATE imports SET report = $2 WHERE id = $1")
        .bind(import)
        .bind(serde_json::to_string(report)?)
        .execute(db)
        .await?;
    Ok(())
}
