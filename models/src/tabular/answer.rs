//! Online answers.

use std::collections::BTreeMap;

use common::vocabulary::records::{ColumnSpec, Role};
use common::wire::{Prediction as Answer, RecordPrediction};

use super::dataset::Dataset;
use super::model::{Model, Prediction};
use super::raw::RawTable;
use crate::error::TrainError;

/// A record by column.
type Record = BTreeMap<String, String>;

/// What the model says of records. Cells may be empty, that is missing; the outcome need not be there.
pub(crate) fn answer(model: &Model, records: &[Record]) -> Result<Answer, TrainError> {
    let records = predict(model, records)?.into_iter().map(|of| RecordPrediction {
        value: of.value,
        label: of.positive,
        interval: of.interval,
    });
    Ok(Answer::Records { records: records.collect() })
}

/// The same, in the model's own words.
pub(crate) fn predict(model: &Model, records: &[Record]) -> Result<Vec<Prediction>, TrainError> {
    let schema = model.schema();
    let (_, estimate) = schema.task.columns();
    let is_input = |column: &ColumnSpec| column.role == Role::Feature || Some(column.name.as_str()) == estimate;
    for (record, number) in records.iter().zip(1..) {
        let absent = schema.columns.iter().find(|column| is_input(column) && !record.contains_key(&column.name));
        if let Some(ColumnSpec { name, .. }) = absent {
            return Err(TrainError::Data(format!(
                "record {number} has no {name:?}: give every input, and leave those empty that are not known"
            )));
        }
    }
    let cell = |column: &ColumnSpec, number: usize, record: &Record| match column.role {
        _ if is_input(column) => record.get(&column.name).cloned().unwrap_or_default(),
        // Any will do: nothing follows from it.
        Role::Key | Role::Time => number.to_string(),
        // What came out is not looked at: it may be what is asked for.
        Role::Feature | Role::Target | Role::Weight | Role::Slice | Role::Ignored => String::new(),
    };
    let cells = |(number, record)| schema.columns.iter().map(|column| cell(column, number, record)).collect();
    let names = schema.columns.iter().map(|column| column.name.clone()).collect();
    let data = Dataset::new(schema, &RawTable { names, rows: records.iter().enumerate().map(cells).collect() })?;
    model.predict(&data, &(0..records.len()).collect::<Vec<_>>())
}
