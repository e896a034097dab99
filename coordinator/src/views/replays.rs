//! Other policies over the days that were.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PolicyValue, schemas};

/// Asks what other policies would have come to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayRequest {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day; today, if left out.
    pub to: Option<NaiveDate>,
    /// Of these models; of all, if empty. The universal forecaster is left out: its rows are those of all others.
    #[schema(value_type = Vec<schemas::ModelKey>, max_items = 10_000)]
    pub models: Vec<String>,
    /// The policies, in the order in which they are shown.
    #[schema(max_items = 20)]
    pub policies: Vec<NamedPolicy>,
}

/// A policy to replay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedPolicy {
    /// What it is called in the answer.
    #[schema(max_length = 100)]
    pub name: String,
    /// Keys of `policy` that differ from the settings.
    #[serde(default)]
    pub values: BTreeMap<String, PolicyValue>,
}

/// What policies would have come to, beside what really happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplayView {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// When it was replayed.
    pub made_at: DateTime<Utc>,
    /// Models that were replayed.
    pub models: u64,
    /// Rows that versions were scored on, of which it was learned how losses rise after a training.
    pub learned_from: u64,
    /// By how much losses were found to rise after a training, at most, as a share: 0 means that policies cannot be told apart by loss.
    pub rise: f64,
    /// What really happened.
    pub happened: ReplayOutcome,
    /// Under the policies that hold now, and under those that were asked about.
    pub policies: Vec<ReplayOutcome>,
}

/// What a policy came to, or would have come to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplayOutcome {
    /// What it is called.
    pub name: String,
    /// Trainings.
    pub trainings: u64,
    /// Of these, complete ones.
    pub complete: u64,
    /// Seconds that they took, or would have taken; absent where the price of one is not known.
    pub seconds: Option<f64>,
    /// Rows that a live version answered for.
    pub rows: u64,
    /// The loss on them over the baseline's: of what really happened as it was scored, else as it is estimated. Absent without rows.
    pub loss: Option<f64>,
    /// The same week by week.
    pub weeks: Vec<WeekLoss>,
}

/// The loss of a week.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeekLoss {
    /// Its Monday.
    pub monday: NaiveDate,
    /// The loss over the baseline's.
    pub loss: f64,
}
