//! The rows of a table with their types, checked.

use std::collections::BTreeMap;

use super::math::ln;
use super::raw::RawTable;
use crate::error::TrainError;
use common::vocabulary::records::{ColumnSpec, Kind, Order, Role, Schema, Task, cell};

/// The code of a missing category.
pub(crate) const MISSING: u32 = u32::MAX;

/// The values of one column, one per row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Column {
    /// Numbers, flags (0, 1) and dates (days since 1970-01-01); NaN: missing.
    Number(Vec<f64>),
    /// Places in `names`, or [`MISSING`].
    Category { codes: Vec<u32>, names: Vec<String> },
}

/// A table that fits its schema. Rows whose outcome is not known yet have a target that is NaN.
#[derive(Debug, Clone)]
pub struct Dataset {
    pub(crate) schema: Schema,
    pub(crate) keys: Vec<String>,
    pub(crate) features: Vec<Column>,
    /// The columns of `schema.slices`, in its order.
    pub(crate) groups: Vec<Column>,
    pub(crate) targets: Vec<f64>,
    /// The estimate column, where the task has one; otherwise empty.
    pub(crate) estimates: Vec<f64>,
    /// When a row came about; 0 where rows are undated.
    pub(crate) times: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    /// Rows of a log whose outcome says something that it cannot say: they are as if it were not known.
    pub(crate) unusable: u64,
}

/// What becomes of a cell that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unreadable {
    /// It is an error: somebody asks about this very row.
    Refused,
    /// It is missing, unless there are many: other models read the same log, and one bad cell must not hold up this one.
    Missing,
}

/// So many cells of a column in a hundred may be unreadable, before the column is taken to be declared wrongly.
const MOST_UNREADABLE: usize = 1;

impl Dataset {
    /// Reads a table.
    ///
    /// # Errors
    /// The schema does not fit together, a column is not there, a cell cannot be read, or a weight is not positive.
    pub fn new(schema: &Schema, table: &RawTable) -> Result<Self, TrainError> {
        Self::read(schema, table, Unreadable::Refused)
    }

    /// Reads the rows of a log: what a few of them say of an outcome or an input in no readable way is taken as missing.
    ///
    /// # Errors
    /// As [`Self::new`], and many cells of a column cannot be read.
    pub(crate) fn of_log(schema: &Schema, table: &RawTable) -> Result<Self, TrainError> {
        Self::read(schema, table, Unreadable::Missing)
    }

    fn read(schema: &Schema, table: &RawTable, unreadable: Unreadable) -> Result<Self, TrainError> {
        schema.validate().map_err(|e| TrainError::Data(e.to_string()))?;
        let n = table.rows.len();
        if let Some((row, cells)) = table.rows.iter().enumerate().find(|(_, cells)| cells.len() != table.names.len()) {
            let (found, expected) = (cells.len(), table.names.len());
            return Err(TrainError::Data(format!("row {} has {found} cells, the header has {expected}", row + 1)));
        }
        let read = |column: &ColumnSpec| read(table, column, unreadable);
        let features = schema.with_role(Role::Feature).map(read).collect::<Result<_, _>>()?;
        let groups = schema
            .slices
            .iter()
            .filter_map(|slice| schema.column(&slice.column))
            .map(read)
            .collect::<Result<_, _>>()?;
        let key = schema.with_role(Role::Key).next().map_or(Ok(0), |column| table.position(&column.name))?;
        let keys: Vec<String> = table.rows.iter().map(|row| row[key].trim().to_owned()).collect();
        let times = match schema.order {
            Order::Undated => vec![0.0; n],
            Order::Key => times(&keys, &keys, cell::number, "a number that rises with time")?,
            Order::Time => {
                let time = schema.with_role(Role::Time).next().map_or(Ok(0), |column| table.position(&column.name))?;
                let cells: Vec<String> = table.rows.iter().map(|row| row[time].clone()).collect();
                times(&keys, &cells, |text| cell::date(text).or_else(|| cell::number(text)), "a date or a number")?
            }
        };
        let (targets, estimates, unusable) = targets(schema, table, &keys, unreadable)?;
        let weights = weights(schema, table, &keys)?;
        Ok(Self { schema: schema.clone(), keys, features, groups, targets, estimates, times, weights, unusable })
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys, one per row.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// What is predicted, one per row: 0 or 1, a number, or log(actual / estimate); NaN while it is not known.
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }
}

fn read(table: &RawTable, spec: &ColumnSpec, unreadable: Unreadable) -> Result<Column, TrainError> {
    let index = table.position(&spec.name)?;
    let cells = table.rows.iter().map(|row| row[index].as_str());
    let (parse, what): (fn(&str) -> Option<f64>, _) = match spec.kind {
        Kind::Category => return Ok(categories(cells)),
        Kind::Number => (cell::number, "a number"),
        Kind::Flag => (cell::flag, "yes or no"),
        Kind::Date => (cell::date, "a date (YYYY-MM-DD)"),
    };
    let is_unreadable = |text: &str| parse(text).is_none() && !cell::is_missing(text);
    let few = match unreadable {
        Unreadable::Refused => false,
        Unreadable::Missing => {
            cells.clone().filter(|text| is_unreadable(text)).count() * 100 <= table.rows.len() * MOST_UNREADABLE
        }
    };
    let numbers = cells.enumerate().map(|(row, text)| match parse(text) {
        Some(number) => Ok(number),
        None if few || cell::is_missing(text) => Ok(f64::NAN),
        None => {
            let (row, name, text) = (row + 1, &spec.name, text.chars().take(40).collect::<String>());
            Err(TrainError::Data(format!(
                "row {row}, column {name}: {text:?} is not {what}; correct the cell or declare the column as a category"
            )))
        }
    });
    Ok(Column::Number(numbers.collect::<Result<_, _>>()?))
}

fn categories<'a>(cells: impl Iterator<Item = &'a str>) -> Column {
    let mut indices: BTreeMap<&str, u32> = BTreeMap::new();
    let mut names = Vec::new();
    let codes = cells.map(|text| {
        let text = text.trim();
        if cell::is_missing(text) {
            return MISSING;
        }
        *indices.entry(text).or_insert_with(|| {
            names.push(text.to_owned());
            names.len() as u32 - 1
        })
    });
    Column::Category { codes: codes.collect(), names }
}

fn times(
    keys: &[String],
    cells: &[String],
    parse: impl Fn(&str) -> Option<f64>,
    what: &str,
) -> Result<Vec<f64>, TrainError> {
    let read = |(key, text): (&String, &String)| {
        parse(text).ok_or_else(|| {
            TrainError::Data(format!("row with key {key}: {text:?} does not say when it came about; {what} is needed"))
        })
    };
    keys.iter().zip(cells).map(read).collect()
}

/// What each row counts; a missing cell, or a table to predict for, means 1.
fn weights(schema: &Schema, table: &RawTable, keys: &[String]) -> Result<Vec<f64>, TrainError> {
    let column = schema.with_role(Role::Weight).next();
    let Some(index) = column.and_then(|column| table.position(&column.name).ok()) else {
        return Ok(vec![1.0; keys.len()]);
    };
    let weight = |(key, cells): (&String, &Vec<String>)| match cell::number(&cells[index]) {
        Some(weight) if weight > 0.0 => Ok(weight),
        None if cell::is_missing(&cells[index]) => Ok(1.0),
        _ => Err(TrainError::Data(format!(
            "row with key {key}: {:?} is not a weight: a number above 0 is needed; correct or delete the row",
            cells[index]
        ))),
    };
    keys.iter().zip(&table.rows).map(weight).collect()
}

/// The targets, the estimates they start from, and how many outcomes say nothing that can be used. A table without the outcome column
/// is one to predict for.
fn targets(
    schema: &Schema,
    table: &RawTable,
    keys: &[String],
    unreadable: Unreadable,
) -> Result<(Vec<f64>, Vec<f64>, u64), TrainError> {
    let (outcome, estimate) = schema.task.columns();
    let positive = |name: &str, row: usize, needed: bool| -> Result<f64, TrainError> {
        let text = &table.rows[row][table.position(name)?];
        match cell::number(text) {
            Some(number) if number > 0.0 => Ok(number),
            None if cell::is_missing(text) && !needed => Ok(f64::NAN),
            _ => {
                let key = &keys[row];
                Err(TrainError::Data(format!(
                    "row with key {key}, column {name}: {text:?} is not a number above 0; correct or delete the row"
                )))
            }
        }
    };
    let n = table.rows.len();
    let estimates: Vec<f64> = match estimate {
        Some(name) => (0..n).map(|row| positive(name, row, true)).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let Ok(index) = table.position(outcome) else { return Ok((vec![f64::NAN; n], estimates, 0)) };
    let is_flag = schema.column(outcome).is_some_and(|column| column.kind == Kind::Flag);
    let target = |row: usize| {
        let text = table.rows[row][index].trim();
        match &schema.task {
            _ if cell::is_missing(text) => Ok(f64::NAN),
            Task::Is { column, .. } if is_flag && cell::flag(text).is_none() => Err(TrainError::Data(format!(
                "row with key {}, column {column}: {text:?} is not yes or no; correct the cell",
                keys[row]
            ))),
            Task::Is { positive, .. } if is_flag => Ok(f64::from(cell::flag(text) == cell::flag(positive))),
            Task::Is { positive, .. } => Ok(f64::from(cell::is_same_word(text, positive))),
            Task::Number { column } => cell::number(text).ok_or_else(|| {
                TrainError::Data(format!(
                    "row with key {}, column {column}: {text:?} is not a number; correct the cell",
                    keys[row]
                ))
            }),
            Task::Exceeds { actual, by, .. } => {
                Ok(f64::from(positive(actual, row, false)? > estimates[row] * (1.0 + by)))
            }
            Task::LogRatio { actual, .. } => Ok(ln(positive(actual, row, false)?) - ln(estimates[row])),
        }
    };
    let mut unusable = 0;
    let mut targets = Vec::with_capacity(n);
    for row in 0..n {
        targets.push(match (target(row), unreadable) {
            (Ok(target), _) => target,
            (Err(error), Unreadable::Refused) => return Err(error),
            (Err(_), Unreadable::Missing) => {
                unusable += 1;
                f64::NAN
            }
        });
    }
    Ok((targets, estimates, unusable))
}
