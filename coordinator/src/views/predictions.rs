//! Online predictions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common::vocabulary::PredictionRef;
use common::wire::{ListedItem, ListedReason};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Page, ToldView, schemas};

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
    /// Names it in the log of predictions: what came of the row can be told by it.
    pub id: Uuid,
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
    /// Names the list in the log of predictions.
    pub id: Uuid,
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
    /// Items rated in the call that the version knows nothing of: these ratings changed nothing.
    #[serde(default)]
    pub unknown_items: Vec<String>,
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
    /// Why, in the language of whoever asks.
    pub reason: String,
    /// The same by its code; absent where a worker of an earlier release has answered.
    #[serde(default)]
    #[schema(schema_with = schemas::message::<ListedReason>)]
    pub told: Option<ToldView>,
}

impl From<ListedItem> for ListedItemView {
    fn from(ListedItem { item, score, rating, reason, why }: ListedItem) -> Self {
        let told = why.as_ref().map(ToldView::of);
        Self { item, score, rating, reason: told.as_ref().map_or(reason, |told| told.text.clone()), told }
    }
}

/// Which predictions of a model to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PredictionFilter {
    /// At most so many, the newest: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Only those whose outcome is known, and how each version's have turned out.
    #[serde(default)]
    pub scored: bool,
}

/// Predictions that were served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LoggedPredictionsView {
    /// The model.
    pub model: String,
    /// A page of them, the newest first.
    #[serde(flatten)]
    pub page: Page<LoggedPredictionView>,
    /// What `loss` is, where outcomes can be told: `log loss`, `squared error`.
    pub loss_name: Option<String>,
    /// How each version's have turned out, the newest version first; if asked for.
    pub scores: Vec<ServedScoreView>,
}

/// One prediction that was served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LoggedPredictionView {
    /// Its id.
    pub id: Uuid,
    /// The version that answered.
    pub version: String,
    /// When.
    pub at: DateTime<Utc>,
    /// `row`, `list`, `forecast`, or `batch` for a whole file.
    #[schema(value_type = schemas::PredictionKind)]
    pub kind: String,
    /// SHA-256 of what it was made from.
    pub inputs_hash: String,
    /// That itself, unless the settings leave it out.
    pub inputs: Option<serde_json::Value>,
    /// What was said.
    pub output: serde_json::Value,
    /// What came of the row, if somebody has told it.
    pub label: Option<String>,
    /// When that was told.
    pub labelled_at: Option<DateTime<Utc>>,
    /// How wrong the prediction was.
    pub loss: Option<f64>,
}

/// How the predictions of a version have turned out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServedScoreView {
    /// The version.
    pub version: String,
    /// Rows it has predicted, as far back as predictions are kept.
    pub served: u64,
    /// Of these, rows whose outcome is known.
    pub labelled: u64,
    /// Mean loss over those.
    pub loss: Option<f64>,
}

/// Tells what came of predicted rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LabelRequest {
    /// One for each row; a later one of the same prediction stands for the earlier.
    pub labels: Vec<GivenLabel>,
}

/// What came of one predicted row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenLabel {
    /// The prediction: its id, or `JOB:ROW` for a row of a batch.
    #[schema(value_type = String)]
    pub prediction: PredictionRef,
    /// The outcome: a label, or a rating.
    pub value: String,
}

/// What has become of labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabelsReport {
    /// The model.
    pub model: String,
    /// The data set that the labelled rows have joined.
    pub dataset: String,
    /// Predictions whose outcome is known from now on.
    pub labelled: u64,
    /// Of these, such as had one already: the new one stands for it.
    pub superseded: u64,
    /// What cannot be taken.
    pub refused: Vec<RefusedLabel>,
}

/// A label that cannot be taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefusedLabel {
    /// Of which prediction.
    #[schema(value_type = String)]
    pub prediction: PredictionRef,
    /// Why.
    pub why: String,
}

/// How a file of rows is to be predicted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BatchPredictRequest {
    /// The pool whose workers do it; else that of the settings.
    pub pool: Option<String>,
    /// Its place in the line, in points, lower is sooner; 50 if left out.
    #[param(minimum = -1000, maximum = 1000)]
    pub priority: Option<f64>,
}
