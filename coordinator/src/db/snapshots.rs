//! Which bars lie in which immutable file of the store.

use common::vocabulary::{BarsPart, Symbol};

use super::{Connection, Result, date_text, sql};

/// A file of bars, and which rows of its series it holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Number of its first row in the series, from 0.
    pub(crate) first_row: u64,
    /// What the job is told of it.
    pub(crate) part: BarsPart,
}

/// Files of a symbol that hold the series as it has been since import `basis` revised it.
pub(crate) async fn parts(db: &mut Connection, symbol: &Symbol, basis: i64) -> Result<Vec<Part>> {
    let rows = sql("SELECT * FROM snapshot_parts WHERE symbol = $1 AND basis = $2 ORDER BY first_row, rows DESC")
        .bind(symbol.as_str())
        .bind(basis)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Part {
                first_row: row.count("first_row")?,
                part: BarsPart {
                    hash: row.parsed("hash")?,
                    symbol: row.parsed("symbol")?,
                    rows: row.count("rows")?,
                    first: row.date("first")?,
                    last: row.date("last")?,
                },
            })
        })
        .collect()
}

/// Remembers a file.
pub(crate) async fn insert(db: &mut Connection, basis: i64, part: &Part) -> Result<()> {
    sql(
        "INSERT INTO snapshot_parts (symbol, basis, first_row, rows, first, last, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT DO NOTHING",
    )
    .bind(part.part.symbol.as_str())
    .bind(basis)
    .bind(part.first_row as i64)
    .bind(part.part.rows as i64)
    .bind(date_text(part.part.first))
    .bind(date_text(part.part.last))
    .bind(part.part.hash.to_string())
    .execute(db)
    .await?;
    Ok(())
}

/// The hash of every file that is remembered.
pub(crate) async fn hashes(db: &mut Connection) -> Result<Vec<String>> {
    let rows = sql("SELECT DISTINCT hash FROM snapshot_parts").fetch_all(db).await?;
    rows.iter().map(|row| row.text("hash")).collect()
}

/// Forgets every file of this hash: it is about to leave the store, or is gone.
pub(crate) async fn forget(db: &mut Connection, hash: &str) -> Result<()> {
    sql("DELETE FROM snapshot_parts WHERE hash = $1").bind(hash).execute(db).await?;
    Ok(())
}
