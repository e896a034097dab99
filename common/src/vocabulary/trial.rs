//! A trial of a search for hyper-parameters: a fit that is scored on validation rows and leaves figures alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AttemptId, Contestants, FileEntry, Hyper, JobId, Mode, ModelKey, Snapshot, SplitPolicy, TrainSpec, TrainingRecord,
};

/// A trial, whole. It fits from scratch, and nothing of it is ever asked or served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialSpec {
    /// Whose hyper-parameters are searched for.
    pub model: ModelKey,
    /// The rows: the same for every trial of a search.
    pub snapshot: Snapshot,
    /// What is tried.
    pub hyper: Hyper,
    /// How rows are parted. What it holds out, a trial does not look at.
    pub split: SplitPolicy,
}

impl TrialSpec {
    /// The training that a trial is, but for its end.
    pub fn training(&self) -> TrainSpec {
        TrainSpec {
            model: self.model.clone(),
            mode: Mode::Complete,
            snapshot: self.snapshot.clone(),
            hyper: self.hyper.clone(),
            split: self.split.clone(),
            parent: None,
            contestants: Contestants::default(),
            yardstick: false,
            reproduces: None,
        }
    }
}

/// `manifest.json` of a trial: what it found. Uploaded and sealed like that of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialManifest {
    /// Version of this format.
    pub format: u32,
    /// The model.
    pub model: ModelKey,
    /// The job.
    pub job: JobId,
    /// The attempt that finished.
    pub attempt: AttemptId,
    /// What was tried, as it was in effect.
    pub hyper: Hyper,
    /// Mean loss on validation rows, in the family's own measure (that of the gate); lower is better.
    pub validation_loss: f64,
    /// How the fit went.
    pub training: TrainingRecord,
    /// No other files: what was fitted is not kept.
    pub files: BTreeMap<String, FileEntry>,
}

impl TrialManifest {
    /// The version of the format this build writes.
    pub const FORMAT: u32 = 1;
}
