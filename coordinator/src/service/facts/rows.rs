//! Rows that a model can read, counted.

use chrono::NaiveDate;

/// What is known of a series up to a day, or of a data set.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rows {
    pub(crate) count: u64,
    pub(crate) newest: Option<NaiveDate>,
    pub(crate) import: i64,
    pub(crate) revised: i64,
    /// Of a data set: rows of a day, on average.
    pub(crate) per_day: f64,
}
