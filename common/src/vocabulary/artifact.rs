//! What a training leaves behind: a folder of open files and the manifest that names them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    AttemptId, ContentHash, Evaluation, Hyper, IncrementalGap, JobId, Mode, ModelKey, Snapshot, SplitPolicy,
    VersionNumber,
};

/// The names of the files of an artifact.
pub mod files {
    /// The weights, canonical.
    pub const WEIGHTS: &str = "weights.safetensors";
    /// The manifest: names and hashes every other file.
    pub const MANIFEST: &str = "manifest.json";
    /// The same network as TorchScript.
    pub const SCRIPT: &str = "model.ts";
    /// Quantiles and counts of the inputs, on training rows.
    pub const SKETCH: &str = "sketch.json";
    /// How the inputs of the training rows are spread, to compare later ones with (see [`crate::drift`]); older versions have none.
    pub const INPUTS: &str = "inputs.msgpack";
    /// Inputs and expected outputs, checked on every load.
    pub const GOLDEN: &str = "golden.json";
    /// Scaler, feature list and calibration, fitted on training rows.
    pub const PREPROCESSING: &str = "preprocessing.json";
    /// What a batch prediction says of its rows (see [`crate::rows`]).
    pub const PREDICTIONS: &str = "predictions.parquet";
    /// The rows it was given, by name (see [`crate::seen`]); of bars, `seen_through` says it.
    pub const SEEN: &str = "seen.parquet";
    /// Loss per row and contestant on the holdout (see [`crate::losses`]).
    pub const LOSSES: &str = "losses.parquet";
}

/// Where a version's artifact lies, and which it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArtifactRef {
    /// Whose version it is; what earlier releases recorded does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelKey>,
    /// The version's number.
    pub version: VersionNumber,
    /// Folder in the store, without a trailing slash.
    pub prefix: String,
    /// SHA-256 of its `manifest.json`.
    pub manifest: ContentHash,
    /// Last target it or an ancestor was fitted on in any way.
    pub seen_through: NaiveDate,
}

/// One file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// SHA-256 of its content.
    pub sha256: ContentHash,
    /// Its size.
    pub bytes: u64,
}

/// One epoch on the loss curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// From 1.
    pub epoch: u32,
    /// Mean loss (negative log-likelihood, nats) over the training rows.
    pub train_loss: f64,
    /// The same over the validation rows.
    pub validation_loss: f64,
}

/// Whether, and how, a training went on from a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "resumption", rename_all = "snake_case")]
pub enum Resumption {
    /// It ran through.
    None,
    /// It went on from a checkpoint made by the same build on the same CPU capability: same bits as without the stop.
    BitIdentical {
        /// Steps that were not done again.
        from_step: u64,
    },
    /// It went on from a checkpoint of another build, capability or device.
    NotBitIdentical {
        /// Steps that were not done again.
        from_step: u64,
        /// What differs.
        because: String,
    },
    /// There was a checkpoint, but not of this training: it started over.
    StartedOver {
        /// What differs.
        because: String,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// How a training went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// Rows that weights were fitted on (new and replayed).
    pub train_rows: u64,
    /// Of them, rows the parent had not seen; all, for a complete training.
    pub new_rows: u64,
    /// Rows used for early stopping and calibration.
    pub validation_rows: u64,
    /// Rows without a usable outcome, left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// Epochs done.
    pub epochs: u32,
    /// The epoch whose weights were kept.
    pub best_epoch: u32,
    /// Optimiser steps done.
    pub steps: u64,
    /// Wall time of this attempt, evaluation included.
    pub seconds: f64,
    /// Loss per epoch.
    pub curve: Vec<CurvePoint>,
    /// Whether it went on from a checkpoint.
    pub resumption: Resumption,
    /// Bytes that its process held at most, if that could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
}

/// `manifest.json`: everything needed to trust, load and repeat a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format.
    pub format: u32,
    /// The model.
    pub model: ModelKey,
    /// The job that trained it.
    pub job: JobId,
    /// The attempt that finished.
    pub attempt: AttemptId,
    /// How it was trained.
    pub mode: Mode,
    /// The version it started from.
    pub parent: Option<ArtifactRef>,
    /// The rows it was given.
    pub snapshot: Snapshot,
    /// How they were parted.
    pub split: SplitPolicy,
    /// The hyper-parameters in effect (seed included).
    pub hyper: Hyper,
    /// Hash of all that decides the bits: snapshot, hyper-parameters, seed, code and library versions, CPU capability.
    pub spec_hash: ContentHash,
    /// Last target used for fitting, scaling, early stopping or calibration, the maximum over all ancestors.
    pub seen_through: NaiveDate,
    /// Newest bar it was given.
    pub data_through: NaiveDate,
    /// `cpu` or the GPU's name.
    pub device: String,
    /// Versions of what computed it, such as `libtorch` and `refit`, and the CPU capability.
    pub libraries: BTreeMap<String, String>,
    /// How the training went.
    pub training: TrainingRecord,
    /// Figures on the holdout.
    pub evaluation: Evaluation,
    /// How an incremental training compares with a complete one on the same rows, if that was asked for.
    pub gap: Option<IncrementalGap>,
    /// Every other file of the artifact.
    pub files: BTreeMap<String, FileEntry>,
}

impl Manifest {
    /// The version of the format this build writes.
    pub const FORMAT: u32 = 1;

    /// What an incremental training that follows cannot change. What was learnt from simulated rows, none goes on with.
    pub fn shape(&self) -> String {
        let shape = self.hyper.shape(self.snapshot.source().as_ref());
        if self.hyper.simulates() { format!("{shape} and simulated rows") } else { shape }
    }

    /// Whether a GPU trained it: another kind of device does not give the same bits.
    pub fn on_gpu(&self) -> bool {
        self.device != "cpu"
    }
}

/// `manifest.json` of an evaluation: its figures, and the losses behind them. Uploaded and sealed like that of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluationManifest {
    /// Version of this format.
    pub format: u32,
    /// The model.
    pub model: ModelKey,
    /// The job that evaluated.
    pub job: JobId,
    /// The attempt that finished.
    pub attempt: AttemptId,
    /// The version that was scored as challenger.
    pub challenger: ArtifactRef,
    /// Figures on the holdout.
    pub evaluation: Evaluation,
    /// Every other file: `losses.parquet`.
    pub files: BTreeMap<String, FileEntry>,
}

impl EvaluationManifest {
    /// The version of the format this build writes.
    pub const FORMAT: u32 = 1;
}
