//! Which entries of a data set lie in which immutable file of the store.

use common::vocabulary::TablePart;

use super::datasets::Dataset;
use super::{Connection, Result, sql};

/// The files of a data set, by their first entry, the longest first.
pub(crate) async fn of(db: &mut Connection, dataset: &Dataset) -> Result<Vec<TablePart>> {
    let rows =
        sql("SELECT first_seq, entries, hash FROM dataset_parts WHERE dataset = $1 ORDER BY first_seq, entries DESC")
            .bind(dataset.id)
            .fetch_all(db)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(TablePart {
                hash: row.parsed("hash")?,
                dataset: dataset.name.clone(),
                first_seq: row.count("first_seq")?,
                entries: row.count("entries")?,
            })
        })
        .collect()
}

/// Remembers a file.
pub(crate) async fn insert(db: &mut Connection, dataset: i64, part: &TablePart) -> Result<()> {
    sql("INSERT INTO dataset_parts (dataset, first_seq, entries, hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(dataset)
        .bind(part.first_seq as i64)
        .bind(part.entries as i64)
        .bind(part.hash.to_string())
        .execute(db)
        .await?;
    Ok(())
}

/// The hashes of all files.
pub(crate) async fn hashes(db: &mut Connection) -> Result<Vec<String>> {
    sql("SELECT DISTINCT hash FROM dataset_parts").fetch_all(db).await?.iter().map(|row| row.text("hash")).collect()
}

/// Forgets every file of this hash: it is about to leave the store.
pub(crate) async fn forget(db: &mut Connection, hash: &str) -> Result<()> {
    sql("DELETE FROM dataset_parts WHERE hash = $1").bind(hash).execute(db).await?;
    Ok(())
}
