//! A schema for a data set that nobody has described, from its newest rows.

use std::collections::BTreeMap;

use common::vocabulary::records::{self, Schema, Task};
use common::vocabulary::{ColumnKind, DatasetName, TableSchema, Timestamp};
use serde_json::Value;

use crate::db;
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;
use crate::service::runtime::lookup::dataset;

/// So many entries of the log say what its columns hold.
const ENTRIES: u64 = 5_000;

/// Guesses what the columns of a data set are for.
pub(crate) async fn schema(core: &Core, name: &DatasetName, task: Task) -> Result<Schema> {
    let mut view = core.db.snapshot().await?;
    let found = db::datasets::get(&mut view, name).await?;
    let Some((known, table)) = found.and_then(|found| Some((found.clone(), found.schema?))) else {
        drop(view);
        return Err(dataset::unknown(core, name).await?);
    };
    let first = known.entries.0.saturating_sub(ENTRIES) + 1;
    let log = db::entries::range(&mut view, known.id, first, known.entries.0).await?;
    drop(view);
    let mut standing = BTreeMap::new();
    for stored in log {
        let row = if stored.entry.deleted { None } else { Some(cells(&table, &stored.entry.cells)?) };
        standing.insert(stored.entry.key, row);
    }
    let rows: Vec<Vec<String>> = standing.into_values().flatten().collect();
    let names: Vec<String> = table.columns().iter().map(|column| column.name.clone()).collect();
    let [key] = table.key() else {
        return Err(Error::invalid(format!("{name} has no single column that names a record: give a schema")));
    };
    let (schema, reasons) = records::infer(&names, &rows, &records::Frame { key, time: table.time() }, task)
        .map_err(|error| Error::invalid(error.to_string()))?;
    tracing::info!(dataset = %name, rows = rows.len(), ?reasons, "a schema was made from the rows");
    Ok(schema)
}

/// The cells of a row, as texts.
fn cells(table: &TableSchema, stored: &str) -> Result<Vec<String>> {
    let values: Vec<Value> = serde_json::from_str(stored)?;
    let text = |(value, kind): (&Value, ColumnKind)| match (value, kind) {
        (Value::Null, _) => String::new(),
        (Value::Number(micros), ColumnKind::Time) => Timestamp(micros.as_i64().unwrap_or_default()).utc().to_rfc3339(),
        (Value::String(text), _) => text.clone(),
        (other, _) => other.to_string(),
    };
    Ok(values.iter().zip(table.columns().iter().map(|column| column.kind)).map(text).collect())
}
