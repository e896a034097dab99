//! What the data must allow before anything is trained on it.

use chrono::NaiveDate;
use common::vocabulary::{SplitError, Symbol};

use crate::run::TrainError;

/// The bars cannot be trained or forecast on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DataError {
    /// Fewer bars than a training needs.
    #[error(
        "{have} daily bars, but a training needs {need} (window {window}, held out to judge on {holdout}): \
         import more history or shorten the window"
    )]
    TooLittleHistory {
        /// Bars of the longest symbol.
        have: u64,
        /// Bars needed.
        need: u64,
        /// Bars a forecast looks back on.
        window: u32,
        /// Rows held out.
        holdout: u32,
    },
    /// Fewer bars than a forecast needs.
    #[error("{symbol} has {have} daily bars, but a forecast needs {need}: import more history")]
    TooShortForForecast {
        /// Whose bars.
        symbol: Symbol,
        /// Bars there are.
        have: usize,
        /// Bars needed.
        need: usize,
    },
    /// A price that is not a positive number, or a volume below 0.
    #[error("{symbol}, {date}: {field} = {value} is not usable: correct the bar and import it again")]
    NotAPrice {
        /// Whose bar.
        symbol: Symbol,
        /// Its day.
        date: NaiveDate,
        /// The field.
        field: &'static str,
        /// What it holds.
        value: f64,
    },
    /// Dates that do not rise from bar to bar.
    #[error("{symbol}: {date} does not come after the bar before it: bars must be in order of date, one a day")]
    NotInOrder {
        /// Whose bars.
        symbol: Symbol,
        /// The first day out of order.
        date: NaiveDate,
    },
    /// Rows cannot be parted as asked.
    #[error(transparent)]
    Split(#[from] SplitError),
}

impl From<DataError> for TrainError {
    fn from(error: DataError) -> Self {
        Self::Data(error.to_string())
    }
}
