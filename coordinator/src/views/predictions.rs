//! Online predictions.

use std::collections::BTreeMap;

use common::wire::ListedItem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Asks for predictions for rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PredictRowsRequest {
    /// Rows with the columns the model reads: the text, or user and item.
    pub rows: Vec<BTreeMap<String, serde_json::Value>>,
}

/// What a version says of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PredictionsView {
    /// The model.
    pub model: String,
    /// The live version, which answered.
    pub version: String,
    /// In the order of the rows.
    pub predictions: Vec<PredictionView>,
}

/// What a version says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PredictionView {
    /// A probability, calibrated, a rating, or a number in its unit.
    pub value: f64,
    /// Of a classifier: whether it is taken to be of the class looked for.
    pub label: Option<bool>,
    /// Of a number: its central 80 % interval.
    pub interval: Option<(f64, f64)>,
}

/// Asks what a user may like.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecommendRequest {
    /// Who. His ratings in the data set count, also those that came after the last training.
    pub user: String,
    /// How many items; 10 if left out.
    pub n: Option<u32>,
    /// Ratings of his that are not in the data set.
    pub ratings: Vec<GivenRating>,
}

/// A rating in a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenRating {
    /// The item.
    pub item: String,
    /// The rating.
    pub value: f64,
}

/// What a user may like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecommendationsView {
    /// The model.
    pub model: String,
    /// The live version, which answered.
    pub version: String,
    /// Who asked.
    pub user: String,
    /// Whether the version was trained on ratings of his; else he was folded in from those he has.
    pub known: bool,
    /// Ratings of his found in the data set.
    pub stored: u64,
    /// Best first; nothing he has rated.
    pub items: Vec<ListedItemView>,
}

/// An item that a user may like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListedItemView {
    /// Its id.
    pub item: String,
    /// What the list is ordered by; comparable within a list only.
    pub score: f64,
    /// The rating expected.
    pub rating: f64,
    /// Why, in words.
    pub reason: String,
}

impl From<ListedItem> for ListedItemView {
    fn from(ListedItem { item, score, rating, reason }: ListedItem) -> Self {
        Self { item, score, rating, reason }
    }
}
