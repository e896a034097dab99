//! What the API is asked.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common::vocabulary::{Family, JobState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::schemas;

/// Registers a model or changes it. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModelRequest {
    /// Its category.
    pub category: Option<String>,
    /// Its tags.
    pub tags: Option<Vec<String>>,
    /// Hyper-parameters that differ from the defaults.
    pub hyper: Option<BTreeMap<String, String>>,
    /// Whether Refit enqueues by itself what it finds due: short for this key of `policy`.
    pub auto_retrain: Option<bool>,
    /// Keys of the settings' `policy` that it gets values of its own for, such as `min_new_samples`; null or `default` takes one back.
    /// What is not named stays as it is.
    pub policy: Option<BTreeMap<String, PolicyValue>>,
    /// The data set it reads; one of the model's own name, if never said. Not for forecasters, which read bars.
    #[schema(value_type = Option<schemas::DatasetName>)]
    pub dataset: Option<String>,
    /// Of a model of records: which columns there are, what they are for, and what is predicted. One named `attrition`, `performance`,
    /// `duration` or `risk` has a schema of its own from the start.
    pub schema: Option<serde_json::Value>,
    /// Of a model of records, in place of a schema: what is predicted, as `COLUMN=VALUE`, `COLUMN` (a number) or `ACTUAL/ESTIMATE`
    /// (how an estimate turns out). What the other columns are is then read off the rows.
    pub predict: Option<String>,
    /// Inputs of a model of records that give the outcome away, and that somebody has looked at: they are known before it.
    pub confirm_columns: Option<Vec<String>>,
    /// Which column is what, by role: `user`, `item`, `value` for ratings; `text`, `label`, `positive` for texts. What is left out
    /// is the column of the role's name (`rating` for `value`).
    pub columns: Option<BTreeMap<String, String>>,
}

/// A value of a key of `policy`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum PolicyValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Either of them as text, or `default`.
    Text(String),
    /// That of the settings.
    Settings,
}

impl PolicyValue {
    /// As somebody would type it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Settings => String::new(),
        }
    }
}

/// Asks for decisions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckRequest {
    /// Only these models; all, if empty.
    #[schema(value_type = Vec<schemas::ModelKey>)]
    pub models: Vec<String>,
    /// Decide as of the end of this day instead of now.
    pub as_of: Option<NaiveDate>,
    /// Also enqueue what is due.
    pub enqueue: bool,
    /// At most so many decisions in the answer, most urgent first: 1 to 1000; 100 if left out, or all of the models that are named.
    #[schema(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Asks for the training of one model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingRequest {
    /// The model.
    #[schema(value_type = schemas::ModelKey)]
    pub model: String,
    /// The mode; chosen from the facts if left out.
    pub mode: Option<String>,
    /// Skip decision, cool-down and back-off; never data validation or the gate.
    pub force: bool,
    /// Replaces the category's base and the position in the priority.
    #[schema(minimum = -1000, maximum = 1000)]
    pub priority: Option<f64>,
    /// Hyper-parameters for this training only.
    pub hyper: BTreeMap<String, String>,
    /// Decide as of the end of this day instead of now.
    pub as_of: Option<NaiveDate>,
    /// So many new rows are enough to ask for a training, and fewer are not; as the policy says, if left out.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub min_new_rows: Option<u32>,
    /// For an incremental training: also train completely on the same rows and report the gap.
    pub yardstick: bool,
    /// The pool to train in; that of the settings, if left out.
    #[schema(value_type = Option<schemas::PoolName>)]
    pub pool: Option<String>,
    /// Train on this kind of device only: `cpu` or `cuda`.
    #[schema(value_type = Option<schemas::DeviceKind>)]
    pub device: Option<String>,
    /// Memory its device must have, bytes.
    pub memory: Option<u64>,
}

/// Asks for the training of many models.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BatchRequest {
    /// These models, in this order; all of the category, if empty.
    #[schema(value_type = Vec<schemas::ModelKey>)]
    pub models: Vec<String>,
    /// Only models of this category.
    pub category: Option<String>,
    /// The mode; chosen from the facts if left out.
    pub mode: Option<String>,
    /// As in [`TrainingRequest`].
    pub force: bool,
    /// As in [`TrainingRequest`].
    #[schema(minimum = -1000, maximum = 1000)]
    pub priority: Option<f64>,
    /// As in [`TrainingRequest`].
    pub as_of: Option<NaiveDate>,
    /// As in [`TrainingRequest`].
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub min_new_rows: Option<u32>,
    /// As in [`TrainingRequest`].
    pub yardstick: bool,
    /// As in [`TrainingRequest`].
    #[schema(value_type = Option<schemas::PoolName>)]
    pub pool: Option<String>,
    /// As in [`TrainingRequest`].
    pub device: Option<String>,
    /// As in [`TrainingRequest`].
    pub memory: Option<u64>,
}

/// What became of a request for trainings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrainingAnswer {
    /// One entry a model asked for, in the order asked.
    pub items: Vec<TrainingItem>,
    /// Newly in the line.
    pub requested: u64,
    /// Already in the line or running.
    pub already_training: u64,
    /// Not needed or held back.
    pub skipped: u64,
    /// Could not be asked for.
    pub refused: u64,
}

/// What became of the request for one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrainingItem {
    /// The model.
    pub model: String,
    /// `requested`, `already_training`, `skipped` or `refused`.
    #[schema(value_type = schemas::TrainingResult)]
    pub result: String,
    /// The mode it will be trained in.
    pub mode: Option<String>,
    /// The job, new or already there.
    pub job: Option<Uuid>,
    /// Its score.
    pub score: Option<f64>,
    /// The terms of the score.
    pub terms: Vec<super::TermView>,
    /// In words: why, or why not.
    pub why: String,
}

/// Asks for probes: jobs without work, that measure the way from the line to a worker and back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeRequest {
    /// How many, 1 to 10,000.
    #[schema(minimum = 1, maximum = 10_000)]
    pub count: u32,
    /// Milliseconds that each executor pretends to work, at most an hour.
    #[schema(maximum = 3_600_000)]
    pub work_ms: u64,
    /// Where they run; the default pool, if left out.
    #[schema(value_type = Option<schemas::PoolName>)]
    pub pool: Option<String>,
    /// Their score, lower is sooner; 100, behind what is asked for, if left out.
    #[schema(minimum = -1000, maximum = 1000)]
    pub priority: Option<f64>,
}

impl Default for ProbeRequest {
    fn default() -> Self {
        Self { count: 1, work_ms: 0, pool: None, priority: None }
    }
}

/// The probes that are in the line now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProbeAnswer {
    /// Their jobs, in the order of the line.
    pub jobs: Vec<Uuid>,
}

/// How long to wait for a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct JobWait {
    /// Answer when the job has ended, at the latest after so many seconds (50 at most); at once, if left out.
    #[param(minimum = 0, maximum = 50)]
    pub wait: Option<f64>,
}

/// Moves the live pointer by hand. Left out: for a rollback, the version that was live before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PromoteRequest {
    /// The version to make live.
    #[schema(value_type = Option<schemas::VersionNumber>)]
    pub version: Option<String>,
    /// Why, for the ledger.
    pub reason: Option<String>,
}

/// Asks for forecasts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ForecastRequest {
    /// Whose.
    #[schema(value_type = Vec<schemas::Symbol>)]
    pub symbols: Vec<String>,
    /// Do not answer from the cache.
    pub refresh: bool,
}

/// Asks for a cleanup.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CleanupRequest {
    /// Only say what would be done.
    pub dry_run: bool,
}

/// Asks for live versions to be scored on the rows that have come since.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MonitorRequest {
    /// Of which models; of all, if none is named.
    #[schema(value_type = Vec<schemas::ModelKey>)]
    pub models: Vec<String>,
    /// As of the end of this day instead of now.
    pub as_of: Option<NaiveDate>,
}

/// The jobs that score them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MonitorAnswer {
    /// None: no rows have come that were not scored.
    pub jobs: Vec<Uuid>,
}

/// Which jobs to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct JobFilter {
    /// Only jobs in this state; all, if left out.
    #[param(inline, value_type = Option<schemas::JobState>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<JobState>,
    /// Only jobs of this model.
    #[param(inline, value_type = Option<schemas::ModelKey>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Only jobs that have ended, or only those that have not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<bool>,
    /// Only jobs whose ids begin so, by id; goes with no other filter.
    #[param(inline, value_type = Option<schemas::IdBeginning>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// At most so many: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Which models to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ModelFilter {
    /// Only models of this family.
    #[param(inline, value_type = Option<schemas::Family>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// Only models whose keys begin so, such as `forecaster/A`.
    #[param(max_length = 129)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Only models of this category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only models of whose latest decision this is the verdict.
    #[param(inline)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<DecisionVerdict>,
    /// Only models that somebody should look at: they are paused, or their live version has declined.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attention: bool,
    /// At most so many: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// The verdict of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecisionVerdict {
    /// A training is due.
    Retrain,
    /// One is, but Refit may not ask for it by itself.
    Recommended,
    /// One is, but not now.
    HeldBack,
    /// None is.
    NotNeeded,
}

/// Which decisions to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct DecisionFilter {
    /// Only decisions of this verdict.
    #[param(inline)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<DecisionVerdict>,
    /// At most so many: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Which workers to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct WorkerFilter {
    /// Only workers whose ids begin so.
    #[param(inline, value_type = Option<schemas::IdBeginning>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// At most so many: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
