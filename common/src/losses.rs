//! `losses.parquet`: one row per target date and symbol, the loss and the mean forecast of every contestant.

use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::vocabulary::Symbol;

/// Who is scored on the holdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contestant {
    /// The version just trained.
    Challenger,
    /// The live version.
    Champion,
    /// The live universal model.
    Universal,
    /// Baseline: no change, EWMA(0.94) volatility.
    NoChange,
    /// Baseline: mean return of the training rows, EWMA(0.94) volatility.
    Drift,
}
