//! What a worker's executor calls: train, evaluate, load.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use common::drift::InputDrift;
use common::losses::RowLosses;
use common::vocabulary::{
    AttemptId, CurvePoint, EvaluateSpec, Evaluation, Family, JobId, Manifest, PredictSpec, Subject, TrainSpec,
    TrialManifest, TrialSpec,
};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::device;
use crate::forecaster::Forecaster;
use crate::recommender::Recommender;
use crate::tabular::Tabular;
use crate::text::Text;
use crate::{monitoring, training, trial};

pub use crate::device::{Device, DeviceInfo, devices};
pub use crate::error::TrainError;
pub use crate::loaded::Loaded;

/// The files of a job on this machine. The caller has checked their hashes.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The snapshot's parts, in the order of the spec.
    pub parts: Vec<PathBuf>,
    /// Folder of the parent's artifact, for an incremental training.
    pub parent: Option<PathBuf>,
    /// Folder of the live version's artifact.
    pub champion: Option<PathBuf>,
    /// Folder of the live universal model's artifact.
    pub universal: Option<PathBuf>,
    /// A checkpoint to go on from.
    pub resume: Option<PathBuf>,
    /// Empty folder: the artifact is left here.
    pub output: PathBuf,
    /// Folder for checkpoints.
    pub scratch: PathBuf,
}

/// The files of one subject of a monitoring on this machine, their hashes checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubjectInputs {
    /// The snapshot's parts, in its order.
    pub parts: Vec<PathBuf>,
    /// Folder of the live version's artifact.
    pub live: PathBuf,
    /// Folder of the artifact of the version before it.
    pub shadow: Option<PathBuf>,
}

/// Whose result the manifest is.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// The job.
    pub job: JobId,
    /// The attempt.
    pub attempt: AttemptId,
}

/// What a training is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading bars, making rows.
    Loading,
    /// Fitting weights.
    Training,
    /// Scoring on the holdout.
    Evaluating,
    /// Training completely on the same rows, to report the gap.
    Yardstick,
    /// Saying what it has learnt of new rows.
    Predicting,
}

impl Phase {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Training => "training",
            Self::Evaluating => "evaluating",
            Self::Yardstick => "yardstick",
            Self::Predicting => "predicting",
        }
    }
}

/// Where a training stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// What it is doing.
    pub phase: Phase,
    /// Epoch under way, from 1; 0 before training.
    pub epoch: u32,
    /// Epochs planned at most.
    pub epochs: u32,
    /// Optimiser steps done.
    pub step: u64,
    /// Steps planned at most.
    pub steps: u64,
    /// Mean training loss so far in this epoch.
    pub loss: Option<f64>,
    /// The loss curve so far.
    pub curve: Vec<CurvePoint>,
}

/// Why a training is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nobody wants it any more.
    Cancel,
    /// It goes on elsewhere: a checkpoint is written first.
    Release,
}

/// The one who runs a training; asked after every step, so its answers must be quick.
pub trait Observer {
    /// Where it stands.
    fn progress(&mut self, update: &Update);
    /// Whether it is time for a checkpoint.
    fn checkpoint_due(&mut self) -> bool;
    /// A checkpoint lies in `file`, made after `step` steps. The file is the observer's from now on.
    fn checkpoint(&mut self, file: &Path, step: u64);
    /// Whether to end, and why.
    fn stop(&mut self) -> Option<Stop>;
}

/// Trains as the spec says and leaves the artifact in `inputs.output`.
///
/// `batch_size` replaces the one asked for, after an out-of-memory kill; the manifest records it.
///
/// # Errors
/// See [`TrainError`].
pub fn train(
    spec: &TrainSpec,
    batch_size: Option<u32>,
    identity: Identity,
    inputs: &Inputs,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<Manifest, TrainError> {
    tch::set_num_threads(1);
    let hyper = spec.hyper.with_batch_size(batch_size);
    guarded(|| {
        let family = spec.family()?;
        let device = device::suited(family, device);
        match family {
            Family::Forecaster => training::train::<Forecaster>(spec, hyper, identity, inputs, device, observer),
            Family::Recommender => training::train::<Recommender>(spec, hyper, identity, inputs, device, observer),
            Family::Text => training::train::<Text>(spec, hyper, identity, inputs, device, observer),
            Family::Tabular => training::train::<Tabular>(spec, hyper, identity, inputs, device, observer),
        }
    })
}

/// Fits as the spec says, and says how good that is on validation rows. Nothing looks at what the split holds out.
///
/// # Errors
/// See [`TrainError`].
pub fn trial(
    spec: &TrialSpec,
    batch_size: Option<u32>,
    identity: Identity,
    inputs: &Inputs,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<TrialManifest, TrainError> {
    tch::set_num_threads(1);
    let spec = spec.training();
    let hyper = spec.hyper.with_batch_size(batch_size);
    guarded(|| {
        let family = spec.family()?;
        let device = device::suited(family, device);
        match family {
            Family::Forecaster => trial::run::<Forecaster>(&spec, hyper, identity, inputs, device, observer),
            Family::Recommender => trial::run::<Recommender>(&spec, hyper, identity, inputs, device, observer),
            Family::Text => trial::run::<Text>(&spec, hyper, identity, inputs, device, observer),
            Family::Tabular => trial::run::<Tabular>(&spec, hyper, identity, inputs, device, observer),
        }
    })
}

/// Scores finished versions on the holdout of a snapshot and leaves `losses.parquet` in `inputs.output`.
///
/// # Errors
/// See [`TrainError`].
pub fn evaluate(
    spec: &EvaluateSpec,
    challenger: &Path,
    inputs: &Inputs,
    device: Device,
) -> Result<Evaluation, TrainError> {
    tch::set_num_threads(1);
    guarded(|| {
        let family = spec.family()?;
        let device = device::suited(family, device);
        match family {
            Family::Forecaster => training::evaluate::<Forecaster>(spec, challenger, inputs, device),
            Family::Recommender => training::evaluate::<Recommender>(spec, challenger, inputs, device),
            Family::Text => training::evaluate::<Text>(spec, challenger, inputs, device),
            Family::Tabular => training::evaluate::<Tabular>(spec, challenger, inputs, device),
        }
    })
}

/// What rows that have come show of a live version.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitoring {
    /// Of the live version as `challenger` and of the one before it as `champion`; nothing where no row is new to both.
    pub losses: Option<RowLosses>,
    /// How the inputs compare with those of its training, where that was asked for.
    pub inputs: Option<InputDrift>,
}

/// Scores a live version, and the one before it, on rows that have come since, and compares their inputs.
///
/// # Errors
/// See [`TrainError`].
pub fn monitor(subject: &Subject, inputs: &SubjectInputs, device: Device) -> Result<Monitoring, TrainError> {
    tch::set_num_threads(1);
    guarded(|| {
        let family = subject.family()?;
        let device = device::suited(family, device);
        match family {
            Family::Forecaster => monitoring::monitor::<Forecaster>(subject, inputs, device),
            Family::Recommender => monitoring::monitor::<Recommender>(subject, inputs, device),
            Family::Text => monitoring::monitor::<Text>(subject, inputs, device),
            Family::Tabular => monitoring::monitor::<Tabular>(subject, inputs, device),
        }
    })
}

/// Predicts the rows of `inputs.parts` with the version in `version`, and leaves `predictions.parquet` in `inputs.output`.
///
/// # Errors
/// See [`TrainError`].
pub fn predict(
    spec: &PredictSpec,
    version: &Path,
    inputs: &Inputs,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    tch::set_num_threads(1);
    guarded(|| {
        spec.family()?;
        batch::predict(spec, version, inputs, device, observer)
    })
}

/// LibTorch's operations panic where they fail; of these, lack of memory has an answer of its own.
fn guarded<T>(work: impl FnOnce() -> Result<T, TrainError>) -> Result<T, TrainError> {
    match std::panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map_or("", String::as_str);
            match TrainError::from(tch::TchError::Torch(text.to_owned())) {
                out_of_memory @ TrainError::OutOfMemory(_) => Err(out_of_memory),
                _ => std::panic::resume_unwind(panic),
            }
        }
    }
}
