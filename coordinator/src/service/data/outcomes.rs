//! What the outcomes of a data set are: the words and numbers its newest labelled rows hold.

use common::vocabulary::records::cell;
use common::vocabulary::{ColumnKind, DatasetName, Reading, Source, TableSchema, Timestamp};
use domain::outcome::Outcome;
use serde_json::Value;

use crate::db::{self, Connection, datasets::Dataset};
use crate::service::error::Result;

/// Entries of the log read at a time.
const PAGE: u64 = 5_000;
/// Pages read at most: of rows whose labels come late, the newest have none.
const PAGES: u64 = 4;
/// Labelled rows that are enough.
const ENOUGH: usize = 2_000;

/// An outcome of a data set's rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expected {
    /// Its column.
    pub(crate) column: String,
    /// What it may say.
    pub(crate) outcome: Outcome,
}

/// What who reads the rows of a data set so may be told of them.
pub(crate) async fn of_source(view: &mut Connection, source: &Source) -> Result<Outcome> {
    match db::datasets::get(view, &source.dataset).await? {
        Some(found) => of_reading(view, &found, &source.reading).await,
        None => Ok(Outcome::of(&source.reading, [])),
    }
}

/// What who reads the rows of a known data set so may be told of them.
pub(crate) async fn of_reading(view: &mut Connection, found: &Dataset, reading: &Reading) -> Result<Outcome> {
    let seen = match &found.schema {
        Some(schema) => seen(view, found, schema, reading.outcome()).await?,
        None => Vec::new(),
    };
    Ok(Outcome::of(reading, seen))
}

/// What rows of a data set may say in the columns whose words a registered model predicts. Kinds of columns see to numbers.
pub(crate) async fn of_dataset(view: &mut Connection, name: &DatasetName) -> Result<Vec<Expected>> {
    let Some(found) = db::datasets::get(view, name).await? else { return Ok(Vec::new()) };
    let mut all: Vec<Expected> = Vec::new();
    for reading in db::models::readings_of(view, name).await? {
        let column = reading.outcome().to_owned();
        let outcome = of_reading(view, &found, &reading).await?;
        let expected = Expected { column, outcome };
        if matches!(expected.outcome, Outcome::Word(_)) && !all.contains(&expected) {
            all.push(expected);
        }
    }
    Ok(all)
}

/// The outcomes of the newest rows that have one.
async fn seen(view: &mut Connection, found: &Dataset, schema: &TableSchema, column: &str) -> Result<Vec<String>> {
    let Some(index) = schema.position(column) else { return Ok(Vec::new()) };
    let kind = schema.columns()[index].kind;
    let mut outcomes = Vec::new();
    for page in 0..PAGES {
        let Some(last) = found.entries.0.checked_sub(page * PAGE).filter(|last| *last > 0) else { break };
        let first = last.saturating_sub(PAGE - 1).max(1);
        for stored in db::entries::range(view, found.id, first, last).await? {
            let cells: Vec<Value> = serde_json::from_str(&stored.entry.cells)?;
            outcomes.extend(cells.get(index).and_then(|cell| text(cell, kind)).filter(|text| !cell::is_missing(text)));
        }
        if outcomes.len() >= ENOUGH {
            break;
        }
    }
    Ok(outcomes)
}

/// A cell as a model reads it.
fn text(cell: &Value, kind: ColumnKind) -> Option<String> {
    match (cell, kind) {
        (Value::Null, _) => None,
        (Value::Number(micros), ColumnKind::Time) => Some(Timestamp(micros.as_i64()?).utc().to_rfc3339()),
        (Value::Number(number), _) => Some(number.as_f64()?.to_string()),
        (Value::String(text), _) => Some(text.clone()),
        (other, _) => Some(other.to_string()),
    }
}
