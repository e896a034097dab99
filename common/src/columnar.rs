//! Tables of texts, days, numbers and moments as Parquet: flat, Zstandard, readable by any Parquet library.
//!
//! The same rows always give the same bytes, so that a file can be named by its hash. Reading takes garbage of any kind and
//! answers with an error.

mod pages;
mod read;
mod write;

use chrono::NaiveDate;
use parquet::errors::ParquetError;

use crate::table::Texts;
use crate::vocabulary::Timestamp;

pub(crate) use read::{Reader, Room, read};
pub(crate) use write::{Writer, write};

/// Values read or written at a time.
const BATCH: usize = 8192;

/// A Parquet file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// It cannot be read as Parquet, or not be written.
    #[error("not a readable Parquet file: {0}")]
    Parquet(String),
    /// It has other columns.
    #[error("the columns are [{found}], but [{expected}] are needed")]
    Columns {
        /// The columns there are.
        found: String,
        /// The columns that are needed.
        expected: String,
    },
    /// One value cannot be.
    #[error("row {row}, column {column}: {reason}")]
    Value {
        /// Row, from 1.
        row: usize,
        /// Name of the column.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There are no rows.
    #[error("there are no rows")]
    Empty,
}

impl From<ParquetError> for FormatError {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error.to_string())
    }
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// UTF-8.
    Text(Vec<String>),
    /// Days.
    Date(Vec<NaiveDate>),
    /// Double precision, finite.
    Real(Vec<f64>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Yes or no.
    Flag(Vec<bool>),
    /// UTF-8, or missing.
    SomeText(Texts),
    /// Double precision, finite; NaN is missing.
    SomeReal(Vec<f64>),
    /// Microseconds UTC, or missing.
    SomeTime(Vec<Option<Timestamp>>),
}

/// A named column. All columns of a table have the same length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its values.
    pub(crate) values: Values,
}

impl Column {
    /// A column of this name.
    pub(crate) fn new(name: impl Into<String>, values: Values) -> Self {
        Self { name: name.into(), values }
    }

    fn len(&self) -> usize {
        match &self.values {
            Values::Text(values) => values.len(),
            Values::Date(values) => values.len(),
            Values::Real(values) | Values::SomeReal(values) => values.len(),
            Values::Whole(values) => values.len(),
            Values::Flag(values) => values.len(),
            Values::SomeText(values) => values.len(),
            Values::SomeTime(values) => values.len(),
        }
    }
}

fn check_finite(column: &str, reals: &[f64]) -> Result<(), FormatError> {
    check(column, reals, |real| real.is_finite())
}

fn check(column: &str, reals: &[f64], good: impl Fn(&f64) -> bool) -> Result<(), FormatError> {
    match reals.iter().position(|real| !good(real)) {
        None => Ok(()),
        Some(row) => Err(FormatError::Value {
            row: row + 1,
            column: column.to_owned(),
            reason: format!("{} is not a finite number", reals[row]),
        }),
    }
}

/// The names of the columns, for [`FormatError::Columns`].
pub(crate) fn names(columns: &[Column]) -> String {
    columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")
}
