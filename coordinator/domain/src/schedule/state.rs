//! How a schedule and its runs stand.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

/// How a run stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RunState {
    /// It is due, and nobody has got to it yet.
    Due,
    /// It is being done, or the jobs it has asked for have not all ended.
    Running,
    /// All of it is done.
    Completed,
    /// It could not be done, or a training it asked for has failed.
    Failed,
    /// It was missed, and nothing is done about it.
    Skipped,
}

impl RunState {
    /// Whether nothing more comes of it.
    pub fn is_over(self) -> bool {
        match self {
            Self::Due | Self::Running => false,
            Self::Completed | Self::Failed | Self::Skipped => true,
        }
    }
}

/// Why there is a run.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Occasion {
    /// It was due.
    Due,
    /// It was due while no coordinator ran.
    Missed,
    /// Somebody asked for it.
    ByHand,
}

/// How a schedule stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ScheduleState {
    /// It waits for its time.
    Scheduled,
    /// One of its runs is under way.
    Running,
    /// Nothing of it is left to do.
    Completed,
    /// Nothing of it is left to do, and its last run failed.
    Failed,
    /// Somebody has paused it.
    Paused,
}

impl ScheduleState {
    /// That of a schedule that is paused or not, with a next due time or none, whose newest run stands so.
    pub fn of(paused: bool, has_next: bool, newest: Option<RunState>) -> Self {
        match newest {
            Some(RunState::Due | RunState::Running) => Self::Running,
            Some(_) | None if paused => Self::Paused,
            Some(_) | None if has_next => Self::Scheduled,
            Some(RunState::Failed) => Self::Failed,
            Some(RunState::Completed | RunState::Skipped) | None => Self::Completed,
        }
    }
}
