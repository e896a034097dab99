//! What is known of a model when it is decided about.

use chrono::NaiveDate;
use common::vocabulary::{JobId, Timestamp, VersionNumber};

/// The live version.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveFacts {
    /// Its number.
    pub version: VersionNumber,
    /// The "now" of the decision behind it.
    pub trained_at: Timestamp,
    /// P(skill > 0), 0 to 1; unknown under 40 forward rows.
    pub reliability: Option<f64>,
    /// Incremental trainings since the complete one it stands on.
    pub increments: u32,
    /// Newest bar it was given.
    pub data_through: NaiveDate,
    /// Rows there were when it was trained.
    pub rows: u64,
    /// It does clearly worse on what has come since than when it was promoted.
    pub degraded: Option<Decline>,
}

/// How much worse a version does than when it was promoted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decline {
    /// The rise of its loss as a share of the baseline's: 0.15 is 15 %.
    pub rise: f64,
    /// Observations of the window this was seen on.
    pub window: u64,
    /// So many models declined on one day that this one has to wait: they say more of the world than of it.
    pub one_of: Option<u32>,
}

/// A model and its data, as of the "now" of the decision.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// The live version.
    pub live: Option<LiveFacts>,
    /// Rows there are.
    pub rows: u64,
    /// Date of the newest row.
    pub newest: Option<NaiveDate>,
    /// Matured rows newer than what the live version was given.
    pub new_rows: u64,
    /// Rows a training needs, to fit and to judge.
    pub minimum_rows: u64,
    /// When the last training was decided, whatever became of its version.
    pub last_training: Option<Timestamp>,
    /// The inputs are not those the live version was fitted on.
    pub schema_changed: bool,
    /// Rows that the live version was given have been corrected since.
    pub data_revised: bool,
    /// Rows that the live version was given have been deleted or changed since, so many; only counted where an incremental training
    /// could not forget them.
    pub forgotten: u64,
    /// Versions rejected in a row, up to now.
    pub rejections: u32,
    /// When the last of them was.
    pub last_rejection: Option<Timestamp>,
    /// Rows that came after the last rejection: no gate has seen them.
    pub rows_since_rejection: u64,
    /// Complete trainings in a row that showed no skill.
    pub completes_without_skill: u32,
    /// When the last complete training was.
    pub last_complete_at: Option<Timestamp>,
    /// Rows that came after it.
    pub rows_since_complete: u64,
    /// The training of this model in the line or running.
    pub active_job: Option<JobId>,
    /// A person has paused it: since when, and why if that was said.
    pub paused: Option<(Timestamp, String)>,
    /// What is wrong with the rows, as a sentence.
    pub data_problem: Option<String>,
}
