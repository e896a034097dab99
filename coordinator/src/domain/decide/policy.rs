//! The numbers the rules go by.

use serde::{Deserialize, Serialize};

/// When a model is retrained. The default is the forecaster's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// A live version older than so many days is retrained incrementally.
    pub max_model_age_days: f64,
    /// One older than so many days is retrained completely.
    pub force_retrain_age_days: f64,
    /// So many new matured rows ask for an incremental training.
    pub min_new_samples: u64,
    /// After so many incremental trainings comes a complete one.
    pub max_increments: u32,
    /// A live version with a reliability below this is retrained completely.
    pub min_reliability_for_update: f64,
    /// Cool-down: days between a training and the next that Refit starts by itself.
    pub retrain_threshold_days: f64,
    /// Longest back-off after rejections, days.
    pub max_back_off_days: f64,
    /// Rows no gate has seen that a training after a rejection needs: half of a gate's.
    pub unseen_rows_after_rejection: u64,
    /// After so many complete trainings in a row without skill, a model is exhausted.
    pub exhausted_after: u32,
    /// An exhausted model is tried again after so many new rows …
    pub exhausted_rows: u64,
    /// … and so many days.
    pub exhausted_days: f64,
    /// Whether Refit enqueues by itself what it finds due.
    pub auto_retrain: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_model_age_days: 30.0,
            force_retrain_age_days: 45.0,
            min_new_samples: 20,
            max_increments: 5,
            min_reliability_for_update: 0.5,
            retrain_threshold_days: 7.0,
            max_back_off_days: 30.0,
            unseen_rows_after_rejection: 30,
            exhausted_after: 2,
            exhausted_rows: 60,
            exhausted_days: 30.0,
            auto_retrain: true,
        }
    }
}

impl Policy {
    /// Days to wait after the last of `rejections` in a row: the cool-down, doubled with each.
    pub fn back_off_days(&self, rejections: u32) -> f64 {
        let doublings = i32::try_from(rejections.min(30)).unwrap_or(30);
        (self.retrain_threshold_days * 2f64.powi(doublings)).min(self.max_back_off_days)
    }
}
