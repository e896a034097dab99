//! Searches for hyper-parameters.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::search::SearchState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::ToldView;

/// Asks for a search.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SearchRequest {
    /// Whose hyper-parameters, as in `forecaster/AAPL`.
    pub model: String,
    /// How many are tried at the shortest length, those that the model has among them: 2 to 500; 27 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trials: Option<u32>,
    /// One in so many goes on to the next rung, and is tried so many times as long there: 2 to 10; 3 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta: Option<u32>,
    /// Of the draws; 0 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The end of this day instead of now: which rows there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    /// What is searched, by name: `0.001..0.1`, or `16,32,64`. What is usual for the family, if left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub space: BTreeMap<String, String>,
}

/// Which searches to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchFilter {
    /// Of this model only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// At most so many items: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A search. Losses are means over validation rows, in the measure that versions of the family are judged by; lower is better.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchView {
    /// Its number.
    pub id: i64,
    /// Its model.
    pub model: String,
    /// How it stands.
    pub state: SearchState,
    /// The rung that it is on, from 1.
    pub rung: u32,
    /// How many there are.
    pub rungs: u32,
    /// Trials of the first rung.
    pub asked: u32,
    /// One in so many goes on to the next.
    pub eta: u32,
    /// Of the draws.
    pub seed: u64,
    /// The hyper-parameters that are searched.
    pub searched: Vec<String>,
    /// Since when; the rows are those that there were then.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Seconds from its beginning to its end, or to now.
    pub seconds: f64,
    /// The best trial so far, on the highest rung where any was measured.
    pub best: Option<BestTrialView>,
    /// The loss of what the model has, on the highest rung where it was measured.
    pub own_loss: Option<f64>,
    /// The training of what it found.
    pub challenger: Option<Uuid>,
    /// What came of it.
    pub outcome: Option<ToldView>,
    /// Its trials by rung; lists leave them out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trials: Vec<TrialView>,
}

/// The best trial of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BestTrialView {
    /// The rung that it was measured on, from 1.
    pub rung: u32,
    /// Its number; 0 has what the model has.
    pub trial: u32,
    /// Its loss.
    pub loss: f64,
    /// What it has that the model has not.
    pub hyper: BTreeMap<String, String>,
}

/// A trial, on one rung.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrialView {
    /// The rung, from 1.
    pub rung: u32,
    /// Its number; 0 has what the model has.
    pub trial: u32,
    /// What it has that the model has not.
    pub hyper: BTreeMap<String, String>,
    /// How its job stands; absent where that is gone.
    pub state: Option<String>,
    /// Its loss, once it is measured.
    pub loss: Option<f64>,
    /// What the fit took.
    pub seconds: Option<f64>,
    /// Its job.
    pub job: Uuid,
}
