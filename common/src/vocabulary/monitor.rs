//! Life after promotion: live versions are scored on rows that have come since, many models in one job.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ArtifactRef, AttemptId, FileEntry, JobId, ModelKey, Snapshot, SplitPolicy, VersionNumber};
use crate::drift::{InputDrift, Look};

/// How far rows have been taken in: what lies beyond has come since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// Targets up to this day: of bars, those scored; of a data set, those that anybody was fitted on.
    pub date: NaiveDate,
    /// Entries of the log up to this one; bars have none.
    pub entry: u64,
    /// Rows of the log up to this day, for those of later days had not matured.
    pub through: NaiveDate,
}

/// Live versions to be scored on the rows that have come since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorSpec {
    /// One for each model.
    pub subjects: Vec<Subject>,
}

/// One model of a [`MonitorSpec`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The model.
    pub model: ModelKey,
    /// All its rows, the new ones included.
    pub snapshot: Snapshot,
    /// How many of them have matured; of bars, those of the longest series.
    pub rows: u64,
    /// How the older ones are parted.
    pub split: SplitPolicy,
    /// Rows beyond are scored.
    pub beyond: Watermark,
    /// The live version.
    pub live: ArtifactRef,
    /// The one that was live before it, and would be again.
    pub shadow: Option<ArtifactRef>,
    /// How its inputs are compared with those of its training; absent where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Look>,
}

impl MonitorSpec {
    /// Most models of one job: a minute's work, and a message that fits.
    pub const MOST_SUBJECTS: usize = 50;
}

/// `manifest.json` of a monitoring: what became of each subject, and the losses behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorManifest {
    /// Version of this format.
    pub format: u32,
    /// The job.
    pub job: JobId,
    /// The attempt that finished.
    pub attempt: AttemptId,
    /// One for each subject, in their order.
    pub subjects: Vec<Monitored>,
    /// Every other file: the losses, a file a subject.
    pub files: BTreeMap<String, FileEntry>,
}

impl MonitorManifest {
    /// The version of the format this build writes.
    pub const FORMAT: u32 = 1;

    /// The losses of a subject, by its index: the live version as `challenger`, the shadow as `champion`.
    pub fn losses_of(index: usize) -> String {
        format!("losses-{index}.parquet")
    }
}

/// What became of one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Monitored {
    /// The model.
    pub model: ModelKey,
    /// The version that was scored.
    pub version: VersionNumber,
    /// How many rows were scored: 0 where none had come that it had not seen.
    pub rows: u64,
    /// Why it could not be scored.
    pub error: Option<String>,
    /// What its inputs look like, where that was asked for and could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<InputDrift>,
}
