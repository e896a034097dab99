//! Data sets that have had rows, by name.

use common::vocabulary::DatasetName;

use crate::db::datasets::{Dataset, read};
use crate::db::{Connection, Result, sql};

/// So many data sets behind a name.
pub(crate) async fn behind(db: &mut Connection, after: Option<&DatasetName>, count: u32) -> Result<Vec<Dataset>> {
    sql("SELECT d.id, d.name, d.schema, d.entries, d.rows, d.first, d.last, d.created_at, d.import, d.writer, d.beat,
             i.file AS import_file, i.at AS import_at
         FROM datasets d LEFT JOIN imports i ON i.id = d.import
         WHERE d.schema IS NOT NULL AND d.name > $1 ORDER BY d.name LIMIT $2")
    .bind(after.map_or("", DatasetName::as_str))
    .bind(count)
    .read_each(db, read)
    .await
}

/// So many names that begin so, in their order.
pub(crate) async fn names(db: &mut Connection, prefix: &str, count: u32) -> Result<Vec<String>> {
    let names =
        sql("SELECT name FROM datasets WHERE schema IS NOT NULL AND name >= $1 AND name < $2 ORDER BY name LIMIT $3");
    names.bind(prefix).bind(format!("{prefix}{}", char::MAX)).bind(count).read_each(db, |row| row.text("name")).await
}
