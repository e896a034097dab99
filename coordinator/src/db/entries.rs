//! The logs of the data sets: entries are added, and never changed.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use common::vocabulary::Timestamp;

use super::changes::LogPosition;
use super::{CHUNK, Connection, Result, sql};

/// An entry that is to be added.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewEntry {
    /// Which row it is of.
    pub(crate) key: String,
    /// When the row happened.
    pub(crate) at: Option<Timestamp>,
    /// The row is deleted.
    pub(crate) deleted: bool,
    /// Its cells as JSON.
    pub(crate) cells: String,
}

/// An entry as it lies there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    /// Its number.
    pub(crate) seq: u64,
    /// When the row came in.
    pub(crate) arrived: NaiveDate,
    /// The rest.
    pub(crate) entry: NewEntry,
}

/// Adds entries, from number `first` on.
pub(crate) async fn insert(
    db: &mut Connection,
    dataset: i64,
    import: i64,
    first: u64,
    entries: &[NewEntry],
) -> Result<()> {
    for (chunk, number) in entries.chunks(CHUNK).zip((first..).step_by(CHUNK)) {
        sql("INSERT INTO entries (dataset, seq, import, key, at, deleted, cells) VALUES ")
            .rows((number as i64..).zip(chunk), |(seq, entry)| {
                [
                    dataset.into(),
                    seq.into(),
                    import.into(),
                    entry.key.as_str().into(),
                    entry.at.map(|at| at.0).into(),
                    entry.deleted.into(),
                    entry.cells.as_str().into(),
                ]
            })
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

// A row that is rated again every day has many entries: only the newest is read.
const NEWEST: (&str, &str) = (
    "WITH wanted (dataset, upto, key) AS (VALUES ",
    ") SELECT e.key, e.deleted, e.cells FROM wanted w JOIN entries e ON e.dataset = w.dataset AND e.seq = (
         SELECT max(seq) FROM entries WHERE dataset = w.dataset AND key = w.key AND seq <= w.upto)",
);

/// The cells of the rows of these keys as they stand after entry `upto`; what is deleted is absent. At most [`CHUNK`] keys.
pub(crate) async fn newest<'a>(
    db: &mut Connection,
    dataset: i64,
    upto: LogPosition,
    keys: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, String>> {
    let found = sql(NEWEST.0).rows(keys, |key| [dataset.into(), (upto.0 as i64).into(), key.into()]).then(NEWEST.1);
    let mut newest = HashMap::new();
    for row in found.fetch_all(db).await? {
        if !row.flag("deleted")? {
            newest.insert(row.text("key")?, row.text("cells")?);
        }
    }
    Ok(newest)
}

/// The cells of the rows whose keys begin so, as they stand after entry `upto`, in the order of the keys.
pub(crate) async fn beginning(
    db: &mut Connection,
    dataset: i64,
    upto: LogPosition,
    prefix: &str,
) -> Result<Vec<String>> {
    // Keys are compared byte by byte: the last byte of the prefix plus one ends its range.
    let mut end = prefix.as_bytes().to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    let end = String::from_utf8_lossy(&end).into_owned();
    let rows = sql("SELECT e.key, e.deleted, e.cells FROM entries e
         WHERE e.dataset = $1 AND e.key >= $2 AND e.key < $3 AND e.seq <= $4 ORDER BY e.key, e.seq")
    .bind(dataset)
    .bind(prefix)
    .bind(end)
    .bind(upto.0 as i64)
    .fetch_all(db)
    .await?;
    let mut standing: BTreeMap<String, Option<String>> = BTreeMap::new();
    for row in &rows {
        let cells = if row.flag("deleted")? { None } else { Some(row.text("cells")?) };
        standing.insert(row.text("key")?, cells);
    }
    Ok(standing.into_values().flatten().collect())
}

/// Number of the last entry, visible or not; 0 if there is none.
pub(crate) async fn last(db: &mut Connection, dataset: i64) -> Result<LogPosition> {
    let row = sql("SELECT COALESCE(max(seq), 0) AS last FROM entries WHERE dataset = $1").bind(dataset);
    Ok(LogPosition(row.fetch_one(db).await?.count("last")?))
}

/// Removes entries that nobody has ever seen: those from number `first` to `last`.
pub(crate) async fn remove_unseen(db: &mut Connection, dataset: i64, first: u64, last: u64) -> Result<()> {
    sql("DELETE FROM entries WHERE dataset = $1 AND seq BETWEEN $2 AND $3
         AND seq > (SELECT entries FROM datasets WHERE id = $1)")
    .bind(dataset)
    .bind(first as i64)
    .bind(last as i64)
    .execute(db)
    .await?;
    Ok(())
}

const RANGE: &str =
    "SELECT e.seq, e.key, e.at, e.deleted, e.cells, i.at AS arrived FROM entries e JOIN imports i ON i.id = e.import
     WHERE e.dataset = $1 AND e.seq BETWEEN $2 AND $3 ORDER BY e.seq";

/// The entries from number `first` to `last`, in order.
pub(crate) async fn range(db: &mut Connection, dataset: i64, first: u64, last: u64) -> Result<Vec<Stored>> {
    let range = sql(RANGE).bind(dataset).bind(first as i64).bind(last as i64);
    range
        .read_each(db, |row| {
            Ok(Stored {
                seq: row.count("seq")?,
                arrived: row.time("arrived")?.date(),
                entry: NewEntry {
                    key: row.text("key")?,
                    at: row.opt_time("at")?,
                    deleted: row.flag("deleted")?,
                    cells: row.text("cells")?,
                },
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use common::connect::Trust;
    use sqlx::{AssertSqlSafe, Row as _};

    use super::*;
    use crate::db::Database;

    // A row that comes in may not cost more the more rows there are.
    #[tokio::test]
    async fn sqlite_finds_rows_by_key_and_by_number() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/refit.db", folder.path().display());
        let db = Database::open(&url, &Trust::default()).await.unwrap();
        let mut reader = db.read().await.unwrap();
        let Connection::Sqlite(sqlite) = &mut *reader else { panic!("a SQLite URL") };
        let newest = format!("{}(1, 9, 'a'), (1, 9, 'b'){}", NEWEST.0, NEWEST.1);
        for (text, searches) in [(newest.as_str(), 2), (RANGE, 1)] {
            let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan = sqlx::query(explained).fetch_all(&mut *sqlite.parts().unwrap().0).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
            let searched = |step: &&String| {
                step.contains("USING COVERING INDEX entries_by_key (dataset=? AND key=? AND seq<?)")
                    || step.contains("SEARCH e USING PRIMARY KEY (dataset=? AND seq")
            };
            assert_eq!(steps.iter().filter(searched).count(), searches, "{text}: {steps:?}");
            assert!(!steps.iter().any(|step| step.contains("SCAN e") || step.contains("TEMP B-TREE")), "{steps:?}");
        }
    }
}
