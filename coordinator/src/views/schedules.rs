//! Schedules, their runs, and the scheduler.

use chrono::{DateTime, Utc};
use domain::schedule::{MissedRuns, Occasion, RunState, ScheduleState, Task, Timing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PauseView, ToldView};

/// Makes a schedule or changes it. What is left out stays as it is; a new one needs `timing` and `task`, or a `preset`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleRequest {
    /// When it is due.
    pub timing: Option<Timing>,
    /// Whose clocks say so, by its name in the IANA's database; that of the settings, if never said.
    #[schema(max_length = 64, example = "Europe/Madrid")]
    pub zone: Option<String>,
    /// What it does.
    pub task: Option<Task>,
    /// What becomes of runs that were due while no coordinator ran: `once`, if never said.
    pub missed: Option<MissedRuns>,
    /// It is put off by at most so many seconds, always the same of them, so that those of one time do not begin at once; 0, if never said.
    #[schema(maximum = 86_400)]
    pub jitter_seconds: Option<u32>,
    /// Takes when it is due and what it does from one of the presets, such as `low-traffic`.
    #[schema(max_length = 64)]
    pub preset: Option<String>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleView {
    /// What it is called.
    pub name: String,
    /// How it stands.
    pub state: ScheduleState,
    /// When it is due.
    pub timing: Timing,
    /// When it is due, in words.
    pub when: String,
    /// Whose clocks say so.
    pub zone: String,
    /// What it does.
    pub task: Task,
    /// What becomes of runs that were due while no coordinator ran.
    pub missed: MissedRuns,
    /// It is put off by at most so many seconds.
    pub jitter_seconds: u32,
    /// Those are so many.
    pub put_off_seconds: u32,
    /// When it begins next, five times: when it is due, put off; none while it is paused.
    pub next: Vec<DateTime<Utc>>,
    /// Since when it is paused, and why.
    pub paused: Option<PauseView>,
    /// The run that was due last.
    pub last_run: Option<ScheduleRunView>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub changed_at: DateTime<Utc>,
}

/// A run: one time that something was due, or asked for, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleRunView {
    /// Its number.
    pub id: i64,
    /// Its schedule; absent where somebody asked for a task without one.
    pub schedule: Option<String>,
    /// What it does.
    pub task: Task,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// Why there is a run.
    pub occasion: Occasion,
    /// How it stands.
    pub state: RunState,
    /// How often it was begun.
    pub tries: u32,
    /// When it was begun.
    pub begun_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Seconds from its beginning to its end, or to now.
    pub seconds: Option<f64>,
    /// What came of it.
    pub outcome: Option<ToldView>,
}

/// Asks for a task without a schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskRequest {
    /// What is to be done.
    pub task: Task,
}

/// How the scheduler stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SchedulerView {
    /// Whether schedules are looked at by themselves.
    pub running: bool,
    /// Whether the settings say that they are (`schedules.enabled`).
    pub enabled: bool,
    /// Since when they are not because somebody stopped it, and why.
    pub stopped: Option<PauseView>,
    /// Schedules there are.
    pub schedules: u64,
    /// Of those, paused ones.
    pub paused: u64,
    /// Runs that wait or are under way.
    pub open: u64,
    /// The five that are due next, soonest first.
    pub next: Vec<DueView>,
    /// How runs ended in the last 30 days.
    pub last_30_days: RunCounts,
}

/// A schedule that is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DueView {
    /// Which.
    pub schedule: String,
    /// When.
    pub due: DateTime<Utc>,
}

/// How runs ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunCounts {
    /// All of them was done.
    pub completed: u64,
    /// They could not be done, or a training of theirs failed.
    pub failed: u64,
    /// They were missed, and nothing was done about it.
    pub skipped: u64,
    /// Of the completed and the failed, the share of the completed; absent where there are none.
    pub success_rate: Option<f64>,
    /// Seconds that one took, on average.
    pub mean_seconds: Option<f64>,
}
