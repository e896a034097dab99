//! Data, forecasts, workers, cleanup.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schemas;
use uuid::Uuid;

/// What became of an imported file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// The file's name.
    pub file: String,
    /// Whose bars.
    pub symbol: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that are new.
    pub accepted: u64,
    /// Rows that were there already, alike.
    pub unchanged: u64,
    /// Rows that changed what was there: a new revision each.
    pub revised: u64,
    /// Rows refused, all of them counted.
    pub refused: u64,
    /// The first 100 of them, with the reason.
    pub refusals: Vec<RefusedRow>,
    /// Date of the newest bar there is now.
    pub last: Option<NaiveDate>,
    /// Things to know that refuse nothing, such as long gaps.
    pub warnings: Vec<String>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefusedRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// A forecast and what answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastView {
    /// Names this answer in the log of predictions; absent if nothing answered.
    pub id: Option<Uuid>,
    /// Whose next bar.
    pub symbol: String,
    /// What came of the question.
    pub outcome: ForecastOutcome,
    /// `own`, `universal` or `none`: what was used.
    #[schema(value_type = schemas::ForecastModel)]
    pub model_type: String,
    /// Why that was used.
    pub because: String,
    /// The version that answered.
    pub version: Option<String>,
    /// Its reliability.
    pub reliability: Option<f64>,
    /// Date of the newest bar it saw.
    pub as_of: Option<NaiveDate>,
    /// `up`, `down` or `neutral`.
    #[schema(value_type = Option<schemas::ForecastDirection>)]
    pub direction: Option<String>,
    /// |2·P(up) − 1|; small on daily prices.
    pub confidence: Option<f64>,
    /// Expected change, %.
    pub change_percent: Option<f64>,
    /// Central 80 % interval of the change, %.
    pub interval_percent: Option<(f64, f64)>,
    /// Whether it came from the cache.
    pub cached: bool,
    /// Whole days since the newest bar.
    #[serde(default)]
    pub data_age_days: Option<u64>,
    /// What to know before going by it: its data are old.
    #[serde(default)]
    pub warning: Option<String>,
}

/// What came of asking for a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForecastOutcome {
    /// A version answered.
    Answered,
    /// No version is live and reliable: nothing is forecast, and that is the answer.
    NoModel,
    /// The version that should answer could not.
    Failed,
    /// There are no bars of the symbol.
    UnknownSymbol,
}

/// A worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkerView {
    /// This incarnation.
    pub id: Uuid,
    /// Host and process id.
    pub host: String,
    /// Process id of its supervisor.
    pub pid: u32,
    /// How it stands.
    pub state: WorkerState,
    /// Pools it serves.
    pub pools: Vec<String>,
    /// Slots it has.
    pub slots: u32,
    /// Slots that are free.
    pub free: u32,
    /// Its devices.
    pub devices: Vec<DeviceView>,
    /// Why it has no GPU, or does not use it; empty where it does.
    pub note: String,
    /// What keeps it from working as it should, in words: no way to the queue, slots it had to give up.
    #[serde(default)]
    pub troubles: Vec<String>,
    /// Resident memory, bytes.
    pub memory: u64,
    /// Jobs it holds.
    pub jobs: Vec<Uuid>,
    /// When its heartbeat last moved on.
    pub seen_at: DateTime<Utc>,
    /// Refit's version.
    pub version: String,
}

/// How a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WorkerState {
    /// It takes work.
    Ready,
    /// It gives back what it holds, and ends.
    Draining,
    /// It was drained, or fell silent while it was.
    Gone,
    /// It fell silent.
    Lost,
}

/// A device of a worker. What nobody measures is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeviceView {
    /// `cpu`, `cuda:0`.
    pub device: String,
    /// For people.
    pub name: String,
    /// Its memory, bytes.
    pub memory: Option<u64>,
    /// Of that in use, bytes.
    pub memory_used: Option<u64>,
    /// Share of the last moment in which it computed, 0 to 1.
    pub utilisation: Option<f64>,
}

/// What a cleanup removed, or would remove.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CleanupReport {
    /// Nothing was touched.
    pub dry_run: bool,
    /// Ended jobs removed with their attempts: older than they are kept, and nothing refers to them.
    #[serde(default)]
    pub jobs: u64,
    /// Earlier decisions removed: older than they are kept.
    #[serde(default)]
    pub decisions: u64,
    /// Imports whose reports were forgotten: older than they are kept. Their rows stay.
    #[serde(default)]
    pub imports: u64,
    /// Predictions removed from the log: older than they are kept.
    #[serde(default)]
    pub predictions: u64,
    /// Files of reports removed: older than they are kept.
    #[serde(default)]
    pub reports: u64,
    /// Objects marked: nothing refers to them any more; deleted an hour from now.
    pub condemned: Vec<String>,
    /// Objects removed.
    pub deleted: Vec<String>,
    /// Their size.
    pub bytes: u64,
    /// Versions that lost their weights and kept manifest and metrics.
    pub thinned: Vec<String>,
}
