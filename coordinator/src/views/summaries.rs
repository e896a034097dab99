//! Models, versions and jobs as lists show them: what tells one from another, and where it stands. The whole of each is asked for by name.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use common::vocabulary::{Family, JobKind, JobState, Mode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{BlockedView, DataAgeView, GapView, PauseView, ProgressView, VerdictView, WatchView, schemas};

/// A model in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelSummary {
    /// Its key, such as `forecaster/AAPL`.
    pub key: String,
    /// Its family.
    #[schema(value_type = schemas::Family)]
    pub family: Family,
    /// Its category: `portfolio`, `on_demand`, `watchlist`, `scanning` or another.
    pub category: String,
    /// Free tags.
    pub tags: Vec<String>,
    /// Keys of the settings' `policy` that it has values of its own for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own_policy: BTreeMap<String, serde_json::Value>,
    /// Somebody has paused it.
    pub paused: Option<PauseView>,
    /// The live version.
    pub live: Option<LiveSummary>,
    /// How the live version has done since it went live; absent before any row has come.
    pub watch: Option<WatchView>,
    /// Counts promotions and rollbacks; only grows.
    pub live_seq: u64,
    /// Matured rows there are, as they stand.
    pub rows: u64,
    /// Date of the newest of them.
    pub last_row: Option<NaiveDate>,
    /// How old that is; absent without rows.
    pub data: Option<DataAgeView>,
    /// Of these, rows that the live version was not given; one that was corrected is none.
    pub new_rows: u64,
    /// The job that is training it now.
    pub active_job: Option<Uuid>,
    /// The latest decision about it.
    pub decision: Option<DecisionSummary>,
}

/// The live version of a model in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveSummary {
    /// Its number, such as `v1.0`.
    pub version: String,
    /// The "now" of the decision behind it.
    pub trained_at: DateTime<Utc>,
    /// P(skill > 0), 0 to 1; absent when unknown.
    pub reliability: Option<f64>,
}

/// The latest decision about a model in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionSummary {
    /// Whether to train.
    #[schema(value_type = schemas::RetrainVerdict)]
    pub verdict: String,
    /// The mode the reasons ask for.
    pub mode: Option<String>,
    /// The score it would have, or has, in the line.
    pub score: Option<f64>,
    /// The "now" it was decided for.
    pub at: DateTime<Utc>,
}

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionSummary {
    /// The model.
    pub model: String,
    /// Its number, such as `v1.0`.
    pub version: String,
    /// Where it stands.
    #[schema(value_type = schemas::VersionStatus)]
    pub status: String,
    /// How it was trained.
    #[schema(value_type = schemas::Mode)]
    pub mode: Mode,
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
    /// Seconds the training took.
    pub seconds: f64,
    /// An incremental training against a complete one on the same rows, where measured.
    pub gap: Option<GapView>,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobSummary {
    /// Its id.
    pub id: Uuid,
    /// What it does.
    #[schema(value_type = schemas::JobKind)]
    pub kind: JobKind,
    /// The model.
    pub model: Option<String>,
    /// The training mode.
    #[schema(value_type = Option<schemas::Mode>)]
    pub mode: Option<Mode>,
    /// The pool it belongs to.
    pub pool: String,
    /// The pool that stands in for that one: its own has no live worker, and the settings allow it.
    pub stand_in: Option<String>,
    /// Its state.
    #[schema(value_type = schemas::JobState)]
    pub state: JobState,
    /// Its score, aging taken off: lower runs sooner.
    pub score: f64,
    /// Place in the line, from 1, while queued; of the first 1000 of each pool.
    pub position: Option<u64>,
    /// Why it waits, or why it ended as it did, in words.
    pub why: String,
    /// What keeps it in the line until somebody does something about it; absent where waiting helps.
    pub blocked: Option<BlockedView>,
    /// When it entered the line.
    pub enqueued_at: DateTime<Utc>,
    /// The "now" of the decision behind it.
    pub as_of: DateTime<Utc>,
    /// When its latest attempt started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Where it stands, while running.
    pub progress: Option<ProgressView>,
    /// The version that it trains again, from its manifest: it leads to none of its own.
    pub reproduces: Option<String>,
    /// The version it led to.
    pub version: Option<String>,
}
