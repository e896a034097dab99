//! Pools and pauses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A pool: how it stands, and what an autoscaler goes by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PoolView {
    /// How it stands.
    pub state: PoolState,
    /// Since when it is paused or drained, and why.
    pub paused: Option<PauseView>,
    /// What the configuration says one of its devices offers; absent for a pool that is not configured.
    pub offers: Option<String>,
    /// Its numbers.
    #[serde(flatten)]
    pub scaling: ScalingView,
}

/// How a pool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PoolState {
    /// Its jobs are handed out.
    Open,
    /// Nothing new is handed out.
    Paused,
    /// Nor does what runs go on: it is being given back.
    Draining,
    /// All of it has been given back.
    Drained,
}

/// How much work a pool has and how much it can take: flat numbers, as KEDA's `metrics-api` scaler reads them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScalingView {
    /// Its name.
    pub pool: String,
    /// Slots it could use: jobs queued (but not held), dispatched or running. Counts also while no worker lives.
    pub wanted: u64,
    /// Slots of its live workers that take new work.
    pub capacity: u64,
    /// Jobs in the line.
    pub queued: u64,
    /// Of those, held by a pause of the pool or of their model.
    pub held: u64,
    /// Jobs handed out and not claimed yet.
    pub dispatched: u64,
    /// Jobs that workers hold.
    pub running: u64,
    /// Slots that are free.
    pub free: u64,
    /// Live workers that take new work.
    pub workers: u64,
}

/// A pause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PauseView {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why; may be empty.
    pub reason: String,
}

/// Pauses or drains something.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PauseRequest {
    /// Why, for whoever wonders.
    pub reason: Option<String>,
}
