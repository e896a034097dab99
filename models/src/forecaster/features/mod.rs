//! From daily bars to rows a network can learn from, without a look into the future.
//!
//! 1. [`daily`]: bars of one symbol become returns, volatility and five inputs per bar
//! 2. [`rows`]: a row per forecast that can be made, with its target
//! 3. [`split`]: rows are parted by the date of their target
//! 4. [`scaler`]: inputs are standardised by what the training rows show
//! 5. [`prepare()`]: all of it, for a training; `forecast_input` for one forecast

pub mod daily;
mod error;
pub mod ewma;
pub mod prepare;
pub mod rows;
pub mod scaler;
pub mod split;
#[cfg(test)]
pub(crate) mod testing;

pub use daily::{DailySeries, FEATURE_NAMES, FEATURES};
pub use error::DataError;
pub(crate) use prepare::prepare_to_score;
pub use prepare::{ForecastInput, Prepared, Preprocessing, forecast_input, prepare};
pub use split::Split;
