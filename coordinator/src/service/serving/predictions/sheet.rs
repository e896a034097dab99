//! Labelled rows as a file of their data set: what was predicted from, and what came of it. Pure.

use common::vocabulary::{ColumnKind, PredictionRef, TableSchema, Timestamp};
use serde_json::Value;

use super::entry::Inputs;
use crate::service::error::{Error, Result};

/// The column by which an import knows rows to delete.
const DELETED: &str = "deleted";

/// A row whose outcome is known.
#[derive(Debug)]
pub(super) struct Labelled {
    /// Its prediction.
    pub(super) prediction: PredictionRef,
    /// When it was predicted.
    pub(super) at: Timestamp,
    /// What it was predicted from.
    pub(super) inputs: Inputs,
    /// What came of it.
    pub(super) label: String,
    /// What had been told of it before.
    pub(super) before: Option<String>,
}

/// A file of rows, and where in it each begins.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// As CSV.
    pub(super) csv: Vec<u8>,
    /// The line of each row, from 1.
    pub(super) lines: Vec<u64>,
}

/// How the rows of a data set are filled.
#[derive(Debug)]
pub(super) struct Filling<'a> {
    schema: &'a TableSchema,
    outcome: &'a str,
}

impl<'a> Filling<'a> {
    /// Rows of this data set, predicted from these columns, whose outcome is another one.
    ///
    /// # Errors
    /// A row of the data set is named by something that a prediction does not know.
    pub(super) fn new(schema: &'a TableSchema, inputs: &[&str], outcome: &'a str) -> Result<Self> {
        let of_prediction = |name: &&String| !inputs.contains(&name.as_str()) && *name != outcome;
        for name in schema.key().iter().filter(of_prediction) {
            let kind = schema.columns().iter().find(|column| column.name == *name).map(|column| column.kind);
            if kind != Some(ColumnKind::Text) {
                return Err(Error::refused(format!(
                    "rows of this data set are named by {name}, which is no text and which no prediction knows: import the \
                     labelled rows with theirs"
                )));
            }
        }
        Ok(Self { schema, outcome })
    }

    /// The rows as a file. A row that is named by what it holds is another row with another outcome: the earlier is deleted.
    pub(super) fn sheet(&self, rows: &[Labelled]) -> Result<Sheet> {
        let mut sheet = Sheet::default();
        let names = self.schema.columns().iter().map(|column| column.name.as_str());
        self.write(&mut sheet, names.chain([DELETED]).map(str::to_owned).collect())?;
        let mut line = 2;
        for row in rows {
            let before = row.before.as_ref().filter(|before| self.schema.key().is_empty() && **before != row.label);
            if let Some(before) = before {
                line += self.write(&mut sheet, self.cells(row, before, true))?;
            }
            sheet.lines.push(line);
            line += self.write(&mut sheet, self.cells(row, &row.label, false))?;
        }
        Ok(sheet)
    }

    fn cells(&self, row: &Labelled, label: &str, deleted: bool) -> Vec<String> {
        let cell = |name: &String| match row.inputs.get(name) {
            _ if name == self.outcome => label.to_owned(),
            Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None if self.schema.time() == Some(name) => row.at.utc().to_rfc3339(),
            None if self.schema.key().contains(name) => format!("prediction-{}", row.prediction),
            None => String::new(),
        };
        let deleted = if deleted { "true" } else { "false" };
        self.schema.columns().iter().map(|column| cell(&column.name)).chain([deleted.to_owned()]).collect()
    }

    /// Writes a record, and counts its lines.
    fn write(&self, sheet: &mut Sheet, cells: Vec<String>) -> Result<u64> {
        let breaks = cells.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        let mut writer = csv::Writer::from_writer(&mut sheet.csv);
        writer.write_record(&cells).map_err(std::io::Error::other)?;
        writer.flush()?;
        Ok(1 + breaks)
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::Column;

    use super::*;

    fn schema(columns: &[(&str, ColumnKind)], key: &[&str], time: Option<&str>) -> TableSchema {
        let columns = columns.iter().map(|(name, kind)| Column { name: (*name).into(), kind: *kind }).collect();
        let key = key.iter().map(|name| (*name).to_owned()).collect();
        TableSchema::new(columns, key, time.map(str::to_owned)).unwrap()
    }

    fn row(text: &str, label: &str, before: Option<&str>) -> Labelled {
        Labelled {
            prediction: uuid::Uuid::from_u128(7).into(),
            at: Timestamp(1_700_000_000_000_000),
            inputs: [("text".to_owned(), Value::from(text))].into(),
            label: label.into(),
            before: before.map(str::to_owned),
        }
    }

    #[test]
    fn what_a_prediction_does_not_know_is_filled_in_or_left_empty() {
        use ColumnKind::{Number, Text, Time};
        let schema = schema(
            &[("id", Text), ("text", Text), ("mood", Number), ("label", Text), ("when", Time)],
            &["id"],
            Some("when"),
        );
        let filling = Filling::new(&schema, &["text"], "label").unwrap();
        let sheet = filling.sheet(&[row("a,\nb", "1", Some("0")), row("c", "0", None)]).unwrap();
        let id = "prediction-00000000-0000-0000-0000-000000000007";
        let when = "2023-11-14T22:13:20+00:00";
        let expected =
            format!("id,text,mood,label,when,deleted\n{id},\"a,\nb\",,1,{when},false\n{id},c,,0,{when},false\n");
        assert_eq!(String::from_utf8(sheet.csv).unwrap(), expected);
        assert_eq!(sheet.lines, [2, 4]);
    }

    #[test]
    fn a_row_named_by_what_it_holds_is_deleted_before_it_says_otherwise() {
        let schema = schema(&[("text", ColumnKind::Text), ("label", ColumnKind::Number)], &[], None);
        let filling = Filling::new(&schema, &["text"], "label").unwrap();
        let sheet = filling.sheet(&[row("a", "1", Some("0")), row("b", "1", Some("1"))]).unwrap();
        assert_eq!(String::from_utf8(sheet.csv).unwrap(), "text,label,deleted\na,0,true\na,1,false\nb,1,false\n");
        assert_eq!(sheet.lines, [3, 4]);
    }

    #[test]
    fn rows_that_a_prediction_cannot_name_are_refused() {
        let schema = schema(&[("id", ColumnKind::Number), ("text", ColumnKind::Text)], &["id"], None);
        let refused = Filling::new(&schema, &["text"], "label").unwrap_err().to_string();
        assert!(refused.starts_with("rows of this data set are named by id, which is no text"), "{refused}");
    }
}
