//! Models, versions, decisions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::cost::Price;
use domain::decide::{Obstacle, Reason, Remark};
use domain::judge::Finding;
use domain::ledger::LedgerReason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{InputsView, Numbers, ToldView, schemas};

/// A model and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelView {
    /// Its key, such as `forecaster/AAPL`.
    pub key: String,
    /// Its family.
    #[schema(value_type = schemas::Family)]
    pub family: String,
    /// Its category: `portfolio`, `on_demand`, `watchlist`, `scanning` or another.
    pub category: String,
    /// Free tags.
    pub tags: Vec<String>,
    /// Its hyper-parameters.
    pub hyper: serde_json::Value,
    /// Keys of the settings' `policy` that it has values of its own for.
    #[serde(default)]
    pub own_policy: BTreeMap<String, serde_json::Value>,
    /// The policy it is under, every key that says something about its family; only where one model is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<PolicyKeyView>,
    /// The data set it reads, and which column is what; absent for forecasters.
    pub source: Option<serde_json::Value>,
    /// Somebody has paused it.
    pub paused: Option<super::PauseView>,
    /// The live version.
    pub live: Option<VersionView>,
    /// How the live version has done since it went live; absent before any row has come.
    pub watch: Option<WatchView>,
    /// Counts promotions and rollbacks; only grows.
    pub live_seq: u64,
    /// Matured rows there are, as they stand.
    pub rows: u64,
    /// Date of the newest of them.
    pub last_row: Option<NaiveDate>,
    /// How old that is; absent without rows.
    #[serde(default)]
    pub data: Option<DataAgeView>,
    /// Of these, rows that the live version was not given; one that was corrected is none.
    pub new_rows: u64,
    /// The job that is training it now.
    pub active_job: Option<Uuid>,
    /// The latest decision about it.
    pub decision: Option<DecisionView>,
}

/// A key of the policy that a model is under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PolicyKeyView {
    /// The key, such as `min_new_samples`.
    pub key: String,
    /// What holds: a number, or yes or no.
    pub value: serde_json::Value,
    /// Whether the model has it of its own.
    pub own: bool,
    /// Where it comes from: `the model's own`, a source of the settings such as `default` or `environment REFIT_…`, or `gives way to the
    /// model's own` where the settings would contradict that.
    pub from: String,
}

/// How old the newest row of a model is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DataAgeView {
    /// The day of the row.
    pub newest: NaiveDate,
    /// Whole days since then.
    pub days: u64,
    /// More than `policy.max_data_age_days`.
    pub old: bool,
}

/// How a live version does on rows that have come since it was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WatchView {
    /// The version.
    pub version: String,
    /// `unknown` (too few rows), `well`, `degraded` or `alarming`.
    #[schema(value_type = schemas::Condition)]
    pub condition: String,
    /// Rows that have come and were scored, once each.
    pub rows: u64,
    /// Its loss over its baseline's on the rows it was promoted by.
    pub ratio_then: Option<f64>,
    /// The same on the newest window of rows.
    pub ratio_now: Option<f64>,
    /// How much more that is: 0.15 is 15 %.
    pub rise: Option<f64>,
    /// In standard errors.
    pub z: Option<f64>,
    /// Observations of the newest window.
    pub window: u64,
    /// What it has lost beyond what was to be expected at its promotion, in losses of the baseline on one row, times the questions asked for each
    /// row.
    #[serde(default)]
    pub regret: Option<f64>,
    /// Against the version that was live before.
    pub shadow: Option<ShadowView>,
    /// What its inputs look like beside those of its training; absent while nobody has looked.
    pub inputs: Option<InputsView>,
}

/// A live version against the one before it, on rows that have come since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShadowView {
    /// The version before.
    pub version: String,
    /// Relative difference of loss; positive: the live version does worse.
    pub difference: f64,
    /// Its lower bound with 95 % confidence, for all looks together; above 0 the version before is made live again.
    pub low: f64,
    /// Observations.
    pub rows: u64,
}

/// A version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    /// The model.
    pub model: String,
    /// Its number, such as `v1.0`.
    pub version: String,
    /// Where it stands.
    #[schema(value_type = schemas::VersionStatus)]
    pub status: String,
    /// How it was trained.
    #[schema(value_type = schemas::Mode)]
    pub mode: String,
    /// The version it started from.
    pub parent: Option<String>,
    /// The job that trained it.
    pub job: Uuid,
    /// The "now" of the decision behind it: wall clock, or the date of a replay.
    pub trained_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Newest bar it was given.
    pub data_through: NaiveDate,
    /// Last target it or an ancestor was fitted on in any way.
    pub seen_through: NaiveDate,
    /// How it was judged; absent for a reproduction.
    pub verdict: Option<VerdictView>,
    /// P(skill > 0), 0 to 1; absent when unknown (fewer than 40 forward rows).
    pub reliability: Option<f64>,
    /// The loss that decides, such as `CRPS`.
    pub loss_name: String,
    /// Its mean on the holdout.
    pub loss: f64,
    /// The hardest baseline's, on the same rows.
    pub baseline_loss: f64,
    /// What else is reported, on the holdout, such as `rmse`.
    pub figures: BTreeMap<String, f64>,
    /// The hardest baseline's, on the same rows.
    pub baseline_figures: BTreeMap<String, f64>,
    /// Which baseline that is.
    pub baseline: String,
    /// Groups of the rows by themselves, those of at least 50 rows: `age=old`, or `anchor`, rows that no version was ever trained on.
    pub slices: Vec<SliceView>,
    /// What each input is worth to a model of records, the most important first.
    pub importance: Vec<ImportanceView>,
    /// Seconds the training took.
    pub seconds: f64,
    /// An incremental training against a complete one on the same rows, where measured.
    pub gap: Option<GapView>,
    /// The manifest, whole.
    pub manifest: serde_json::Value,
}

/// A group of the rows by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SliceView {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Mean loss on them.
    pub loss: f64,
    /// The hardest baseline's.
    pub baseline_loss: f64,
    /// Standard error of the difference of the two.
    pub standard_error: f64,
}

/// What an input is worth: how the mean loss on held-out rows rises when its values change places among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportanceView {
    /// The column.
    pub column: String,
    /// Rise of the mean loss.
    pub rise: f64,
    /// Its standard deviation over the shuffles.
    pub deviation: f64,
}

/// An incremental training against a complete one on the same rows; positive: the incremental one is worse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GapView {
    /// Relative gap in loss on rows new to both.
    pub on_new: f64,
    /// Relative gap in loss on rows the parent was trained on.
    pub on_old: f64,
}

/// How a version was judged, in numbers and words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VerdictView {
    /// What the comparison showed.
    #[schema(value_type = schemas::GateVerdict)]
    pub verdict: String,
    /// Whether it went live.
    pub promoted: bool,
    /// Whom it was judged against.
    #[schema(value_type = schemas::JudgedAgainst)]
    pub against: String,
    /// Mean relative difference of loss (negative: the challenger is better).
    pub difference: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
    /// Rows compared.
    pub rows: u64,
    /// Whether it beats the hardest baseline with confidence (95 % interval of the difference below 0, a gain of a thousandth at least).
    pub beats_naive: bool,
    /// Sentences, the most important first, in the language of whoever asks.
    pub reasons: Vec<String>,
    /// The same one by one, by their codes; absent for a verdict of an earlier release.
    #[serde(default)]
    #[schema(schema_with = schemas::messages::<Finding>)]
    pub findings: Vec<ToldView>,
}

/// To retrain or not, with every reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// The model.
    pub model: String,
    /// Whether to train.
    #[schema(value_type = schemas::RetrainVerdict)]
    pub verdict: String,
    /// What the new rows alone ask for: `none`, `consider` (when somebody asks), `recommended` (by itself) or `necessary`.
    #[serde(default)]
    pub band: String,
    /// The mode the reasons ask for.
    pub mode: Option<String>,
    /// Why, strongest first.
    pub reasons: Vec<ReasonView>,
    /// What holds it back.
    pub holds: Vec<HoldView>,
    /// Why the mode is another than expected, and, unless the answer is yes, what would change it. May be empty.
    #[serde(default)]
    pub note: String,
    /// The same one by one, by their codes.
    #[serde(default)]
    #[schema(schema_with = schemas::messages::<Remark>)]
    pub remarks: Vec<ToldView>,
    /// The score it would have, or has, in the line.
    pub score: Option<f64>,
    /// The terms of that score.
    pub terms: Vec<super::TermView>,
    /// What the training would probably cost; absent where none is needed, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// How old the newest row is at that moment; absent without rows.
    #[serde(default)]
    pub data: Option<DataAgeView>,
    /// The "now" it was decided for.
    pub at: DateTime<Utc>,
    /// The job it led to.
    pub job: Option<Uuid>,
}

/// A reason to retrain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReasonView {
    /// Its name, such as `new_samples`.
    #[schema(schema_with = schemas::codes::<Reason>)]
    pub code: String,
    /// In words, with the numbers, in the language of whoever asks.
    pub text: String,
    /// The mode it asks for.
    #[schema(value_type = schemas::Mode)]
    pub mode: String,
    /// Its numbers, by name.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// A reason not to, for now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HoldView {
    /// Its name, such as `cool_down`.
    #[schema(schema_with = schemas::codes::<Obstacle>)]
    pub code: String,
    /// In words, with the numbers, in the language of whoever asks.
    pub text: String,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
    /// Its numbers, by name.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// One entry of the ledger of promotions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LedgerView {
    /// The model.
    pub model: String,
    /// Its place in the model's history.
    pub live_seq: u64,
    /// Why the live pointer was moved.
    #[schema(value_type = schemas::LedgerKind)]
    pub kind: String,
    /// The version that is live from here on.
    pub version: String,
    /// The one that was live before.
    pub previous: Option<String>,
    /// The job that caused it, if one did.
    pub job: Option<Uuid>,
    /// Why, in the language of whoever asks.
    pub reason: String,
    /// The same by its code.
    #[serde(default)]
    #[schema(schema_with = schemas::message::<LedgerReason>)]
    pub told: ToldView,
    /// When.
    pub at: DateTime<Utc>,
}

/// The incremental report: the state of every model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncrementalReport {
    /// The "now" it was made for.
    pub at: DateTime<Utc>,
    /// One row a model.
    pub models: Vec<ReportRow>,
    /// How many models there are.
    pub total: u64,
    /// How many should be retrained now.
    pub need_retraining: u64,
    /// How many are up to date.
    pub up_to_date: u64,
    /// How many have no live version.
    pub without_model: u64,
}

/// One model in the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportRow {
    /// The model.
    pub model: String,
    /// Its live version.
    pub version: Option<String>,
    /// Days since that was trained.
    pub age_days: Option<f64>,
    /// Matured rows since.
    pub new_rows: u64,
    /// Its reliability.
    pub reliability: Option<f64>,
    /// Its incremental gap, where measured.
    pub gap: Option<GapView>,
    /// What to do, in words.
    pub action: String,
}
