//! Figures of a version on rows nobody has trained on.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::words;
use crate::losses::Contestant;

words! {
    /// The loss that decides between versions (JUDGING.md §2).
    Loss ("loss") {
        /// Continuous ranked probability score of a return's distribution.
        Crps = "crps",
        /// Squared error of a rating.
        SquaredError = "squared_error",
        /// Negative log-likelihood of a class, nats.
        LogLoss = "log_loss",
        /// Absolute error of a number, in its unit.
        AbsoluteError = "absolute_error",
        /// Absolute error of a logarithm: the ratio of what came to what was estimated.
        AbsoluteLogError = "absolute_log_error",
    }
}

impl Loss {
    /// Its name, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Crps => "CRPS",
            Self::SquaredError => "squared error",
            Self::LogLoss => "log loss",
            Self::AbsoluteError => "abs. error",
            Self::AbsoluteLogError => "abs. log error",
        }
    }
}

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
    /// The model or the baseline that was scored.
    pub contestant: Contestant,
    /// Its mean loss.
    pub loss: f64,
    /// What else is reported, by name (see [`figures`]).
    pub figures: BTreeMap<String, f64>,
}

/// The names of reported figures.
pub mod figures {
    /// Root mean squared error, in units of the target.
    pub const RMSE: &str = "rmse";
    /// Mean absolute error over that of "no change".
    pub const MASE: &str = "mase";
    /// Mean absolute error, in units of the target.
    pub const MAE: &str = "mae";
    /// Normalised discounted cumulative gain of lists of ten over the full ranking; of the baseline: lists of the most popular.
    pub const NDCG_10: &str = "ndcg_10";
    /// Share of what was liked that is on lists of ten; of the baseline: lists of the most popular.
    pub const RECALL_10: &str = "recall_10";
    /// Area under the ROC curve.
    pub const AUC: &str = "auc";
    /// Area under the curve of precision and recall, of the minority class.
    pub const PR_AUC: &str = "pr_auc";
    /// F1 of the minority class, by the threshold chosen on validation rows.
    pub const F1: &str = "f1";
    /// Mean squared error of the probability.
    pub const BRIER: &str = "brier";
    /// Expected calibration error over ten bins.
    pub const CALIBRATION: &str = "calibration_error";
    /// Median absolute error, in units of the loss.
    pub const MEDIAN_ERROR: &str = "median_error";
    /// Share of outcomes inside the central 50 % interval.
    pub const COVERAGE_50: &str = "coverage_50";
    /// The same for 80 %.
    pub const COVERAGE_80: &str = "coverage_80";
    /// The same for 95 %.
    pub const COVERAGE_95: &str = "coverage_95";
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

/// The challenger's forecasts, beyond their loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastFigures {
    /// Its calls of direction.
    pub direction: Direction,
    /// Counts of its probability integral transform in ten equal bins; flat if calibrated.
    pub pit: [u64; 10],
}

/// What an input is worth to a version: how much its loss rises when the input's values change places among the held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputImportance {
    /// The column.
    pub column: String,
    /// Rise of the mean loss.
    pub rise: f64,
    /// Its standard deviation over the repeats.
    pub deviation: f64,
}

impl InputImportance {
    /// Of the rises found in several repeats, at least one.
    pub fn of(column: &str, rises: &[f64]) -> Self {
        let n = rises.len() as f64;
        let rise = rises.iter().sum::<f64>() / n;
        let deviation = (rises.iter().map(|one| (one - rise).powi(2)).sum::<f64>() / n).sqrt();
        Self { column: column.to_owned(), rise, deviation }
    }
}

/// A group of the rows by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceFigures {
    /// Its name, such as `ratings=few`.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// The challenger's mean loss on them.
    pub loss: f64,
    /// The hardest baseline's.
    pub baseline_loss: f64,
    /// Standard error of the difference of the two, row by row.
    pub standard_error: f64,
}

impl SliceFigures {
    /// Of rows with the challenger's loss and the baseline's, at least one.
    pub fn of(name: impl Into<String>, losses: &[(f64, f64)]) -> Self {
        let n = losses.len() as f64;
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| losses.iter().map(of).sum::<f64>() / n;
        let (loss, baseline_loss) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
        let squares = mean(&|pair| (pair.0 - pair.1 - (loss - baseline_loss)).powi(2));
        let standard_error = (squares / (n - 1.0).max(1.0)).sqrt();
        Self { name: name.into(), rows: losses.len() as u64, loss, baseline_loss, standard_error }
    }
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
    /// The loss that decides.
    pub loss: Loss,
    /// The hardest baseline, chosen on validation rows: the one that counts.
    pub baseline: Contestant,
    /// Everyone's figures, the challenger first.
    pub contestants: Vec<ContestantMetrics>,
    /// What a forecaster's distributions are worth; absent for other families.
    pub forecasts: Option<ForecastFigures>,
    /// Groups of rows by themselves, those that are large enough.
    #[serde(default)]
    pub slices: Vec<SliceFigures>,
    /// Permutation importance of the inputs, where a family has columns; the most important first.
    #[serde(default)]
    pub importance: Vec<InputImportance>,
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

/// An incremental training against a complete one on the same rows (mean loss; a positive gap means the incremental one is worse).
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
