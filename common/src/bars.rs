//! Daily bars, and the Parquet file that carries them into a training.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One trading day of one symbol. Prices in the currency of the exchange, volume in shares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The trading day.
    pub date: NaiveDate,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Last price, adjusted for later splits and dividends; `adj_close / close` adjusts the others.
    pub adj_close: f64,
    /// Shares traded.
    pub volume: f64,
}
