//! Health, and what must always hold.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::service::TaskName;

/// Whether all is well: everything answers, somebody leads, background work gets on, and nothing that could move stands still.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthView {
    /// Nothing is wrong.
    pub healthy: bool,
    /// When this was so.
    #[serde(default)]
    pub at: DateTime<Utc>,
    /// What is wrong, a sentence each.
    #[serde(default)]
    pub problems: Vec<String>,
    /// Work that waits for somebody, though nothing is wrong: for workers of a pool, or until a pool is opened.
    #[serde(default)]
    pub waiting: Vec<String>,
    /// The database: `ok`, or what is wrong.
    pub database: String,
    /// The bus.
    pub bus: String,
    /// The queue.
    pub queue: String,
    /// The artifact store.
    pub store: String,
    /// Workers alive.
    pub workers: u32,
    /// Whether this coordinator leads: it runs the loops, the others answer requests and stand by.
    pub leads: bool,
    /// Whether any coordinator leads. If none does, nothing is handed out.
    #[serde(default)]
    pub led: bool,
    /// Jobs that could move and have not moved, the first few.
    #[serde(default)]
    pub standing_still: Vec<StillView>,
    /// Background work of this coordinator.
    #[serde(default)]
    pub tasks: Vec<TaskView>,
    /// Alerts that stand open.
    #[serde(default)]
    pub alerts: AlertCounts,
    /// Whether telemetry gets to its collector: `ok`, `off`, or what is wrong. Nothing depends on it.
    pub telemetry: String,
    /// Spans, log records and exports of metrics that did not get there, since this coordinator was started.
    pub telemetry_dropped: u64,
}

/// Alerts that stand open, by how soon somebody should look. They do not make an installation unhealthy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertCounts {
    /// Now.
    pub critical: u64,
    /// Today.
    pub warning: u64,
    /// When there is time.
    pub info: u64,
}

/// What whoever asks may know of the health.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum HealthAnswer {
    /// With a token: all there is to say.
    Whole(Box<HealthView>),
    /// Without one.
    Short {
        /// Nothing was wrong a few seconds ago.
        healthy: bool,
    },
}

/// A job that could move and has not moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StillView {
    /// The job.
    pub job: Uuid,
    /// Its model, if it is about one.
    pub model: Option<String>,
    /// For how long, seconds.
    pub seconds: f64,
    /// What it waits for, or what is wrong with it.
    pub why: String,
}

/// How a background task stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskView {
    /// What it is called.
    pub name: TaskName,
    /// What it does now.
    pub state: TaskState,
    /// When its last round began.
    pub last_start: Option<DateTime<Utc>>,
    /// When its last round ended.
    pub last_end: Option<DateTime<Utc>>,
    /// When its next round begins at the latest; nothing for one that is rung for, or does not run here.
    pub next_due: Option<DateTime<Utc>>,
    /// What its last failure said; it may have worked again since.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<DateTime<Utc>>,
    /// Rounds that ended in a panic, since this coordinator was started: each is a fault of Refit.
    pub panics: u64,
}

/// What a background task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// A round is under way.
    Working,
    /// It waits for its next round.
    Resting,
    /// Its rounds have been failing for a while.
    Failing,
    /// Its round does not end.
    Hanging,
    /// The leader does it, and this coordinator does not lead.
    StandsBy,
    /// The settings turn it off.
    Off,
}

/// Something that must always hold, and how often it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvariantView {
    /// Its name.
    pub name: String,
    /// What it says.
    pub meaning: String,
    /// Different violations that this coordinator has found since it started. Anything but 0 is a fault of Refit.
    pub violations: u64,
    /// Those that were seen last, the newest first; at most ten.
    pub breaches: Vec<BreachView>,
}

/// Something that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BreachView {
    /// Which job, model or version, and what is wrong.
    pub what: String,
    /// When this coordinator found it first.
    pub first_seen: DateTime<Utc>,
    /// When it found it last: it looks now, and whenever the leader does; at artifacts one by one.
    pub last_seen: DateTime<Utc>,
}
