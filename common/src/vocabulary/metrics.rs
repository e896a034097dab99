//! Figures of a version on rows nobody has trained on.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::losses::Contestant;

/// A share with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The share, 0 to 1.
    pub value: f64,
    /// Lower end (Wilson).
    pub low: f64,
    /// Upper end (Wilson).
    pub high: f64,
}

/// Figures of one contestant on the holdout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContestantMetrics {
    /// Who.
    pub contestant: Contestant,
    /// Mean continuous ranked probability score of the next log-return.
    pub crps: f64,
    /// Root mean squared error of the mean forecast of the log-return.
    pub rmse: f64,
    /// Mean absolute error over that of "no change".
    pub mase: f64,
    /// Share of outcomes inside the central 50 % interval.
    pub coverage_50: f64,
    /// The same for 80 %.
    pub coverage_80: f64,
    /// The same for 95 %.
    pub coverage_95: f64,
}

/// How often the sign of the return was called.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    /// Of the rows where the outcome moved: share called right.
    pub accuracy: Rate,
    /// The same for "always up".
    pub always_up: f64,
    /// One-sided p-value of Pesaran and Timmermann's test (1992); absent where a side never occurs.
    pub pesaran_timmermann: Option<f64>,
}

/// The figures on the holdout. The losses behind them, row by row, are in `losses.parquet`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows scored.
    pub rows: u64,
    /// Date of the first target.
    pub first: NaiveDate,
    /// Date of the last target.
    pub last: NaiveDate,
    /// The hardest baseline, chosen on validation rows: the one that counts.
    pub baseline: Contestant,
    /// Everyone's figures, the challenger first.
    pub contestants: Vec<ContestantMetrics>,
    /// The challenger's calls of direction.
    pub direction: Direction,
    /// Counts of the challenger's probability integral transform in ten equal bins; flat if calibrated.
    pub pit: [u64; 10],
    /// Every figure and prediction is finite.
    pub finite: bool,
    /// The challenger's predictions are not all the same.
    pub varies: bool,
}

impl Evaluation {
    /// The figures of one contestant.
    pub fn of(&self, contestant: Contestant) -> Option<&ContestantMetrics> {
        self.contestants.iter().find(|m| m.contestant == contestant)
    }
}

/// An incremental training against a complete one on the same rows (mean CRPS; a positive gap means the incremental one is worse).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IncrementalGap {
    /// Relative gap on the holdout: rows new to both.
    pub on_new: f64,
    /// Relative gap on rows the parent was trained on: what was forgotten.
    pub on_old: f64,
    /// Seconds the incremental training took.
    pub incremental_seconds: f64,
    /// Seconds the complete training took.
    pub complete_seconds: f64,
}
