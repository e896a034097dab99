//! Two versions side by side.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schemas;

/// Two versions of a model, and which is better where that can be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CompareView {
    /// The model.
    pub model: String,
    /// The first version.
    pub a: SideView,
    /// The second.
    pub b: SideView,
    /// Figures of each on its own holdout. Holdouts differ: only `difference` compares the versions.
    pub figures: Vec<FigureView>,
    /// Hyper-parameters that differ.
    pub hyper: Vec<HyperView>,
    /// The second against the first on the rows both were scored on; absent where there are none.
    pub difference: Option<DifferenceView>,
    /// What follows, in words.
    pub text: String,
}

/// What is known of one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SideView {
    /// Its number.
    pub version: String,
    /// Where it stands.
    #[schema(value_type = schemas::VersionStatus)]
    pub status: String,
    /// How it was trained.
    #[schema(value_type = schemas::Mode)]
    pub mode: String,
    /// The version it started from.
    pub parent: Option<String>,
    /// The "now" of the decision behind it.
    pub trained_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Newest row it was given.
    pub data_through: NaiveDate,
    /// Rows it was given, of its longest series.
    pub rows: u64,
    /// Rows that weights were fitted on.
    pub train_rows: u64,
    /// Seconds the training took.
    pub seconds: f64,
    /// Rows of its own holdout.
    pub holdout_rows: u64,
    /// Date of the first of them.
    pub holdout_first: NaiveDate,
    /// Date of the last of them.
    pub holdout_last: NaiveDate,
    /// The hardest baseline there.
    pub baseline: String,
    /// P(skill > 0), 0 to 1; absent when unknown.
    pub reliability: Option<f64>,
}

/// One figure of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureView {
    /// Its name.
    pub name: String,
    /// Of the first version.
    pub a: Option<EstimateView>,
    /// Of the second.
    pub b: Option<EstimateView>,
}

/// A figure, with its 95 % interval where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EstimateView {
    /// The figure.
    pub value: f64,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
}

/// A hyper-parameter that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HyperView {
    /// Its name.
    pub name: String,
    /// In the first version.
    pub a: Option<String>,
    /// In the second.
    pub b: Option<String>,
}

/// The second version's loss against the first's, paired row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DifferenceView {
    /// Of the second.
    #[schema(value_type = schemas::GateVerdict)]
    pub verdict: String,
    /// Mean relative difference of loss; negative: the second is better.
    pub difference: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
    /// Rows in common, those of one date as one.
    pub rows: u64,
    /// How they come to be common: `scored_together` (one was scored beside the other) or `holdouts_overlap`.
    pub because: String,
}
