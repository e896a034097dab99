//! What supervisor and child say to each other, in frames over the child's standard pipes.

use std::path::PathBuf;

use common::vocabulary::{AttemptId, ContentHash, CurvePoint, JobId, JobSpec};
use common::wire::{PredictAnswer, PredictRequest};
use models::run::Inputs;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Supervisor to child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToExecutor {
    /// Do this job.
    Work(Box<Order>),
    /// End the job under way after the current step.
    Stop(StopKind),
    /// Answer this.
    Predict(Box<Question>),
}

/// Why a job under way should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// Nobody wants it any more.
    Cancel,
    /// It goes on elsewhere: write a checkpoint first.
    Release,
}

/// One job, with everything it needs on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The job.
    pub job: JobId,
    /// The attempt.
    pub attempt: AttemptId,
    /// What to do.
    pub spec: JobSpec,
    /// Batch size instead of the one asked for.
    pub batch_size: Option<u32>,
    /// The files of the job.
    pub files: Files,
    /// Seconds until the first checkpoint, and at least between two.
    pub checkpoint_every: f64,
}

/// The files of a job, checked by the supervisor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Files {
    /// The snapshot's parts, in the order of the spec.
    pub parts: Vec<PathBuf>,
    /// Folder of the parent's artifact.
    pub parent: Option<PathBuf>,
    /// Folder of the artifact that waits to be judged, for an evaluation.
    pub challenger: Option<PathBuf>,
    /// Folder of the live version's artifact.
    pub champion: Option<PathBuf>,
    /// Folder of the live universal model's artifact.
    pub universal: Option<PathBuf>,
    /// A checkpoint to go on from.
    pub resume: Option<PathBuf>,
    /// Empty folder for the artifact.
    pub output: PathBuf,
    /// Empty folder for checkpoints.
    pub scratch: PathBuf,
}

impl From<&Files> for Inputs {
    fn from(files: &Files) -> Self {
        let files = files.clone();
        Self {
            parts: files.parts,
            parent: files.parent,
            champion: files.champion,
            universal: files.universal,
            resume: files.resume,
            output: files.output,
            scratch: files.scratch,
        }
    }
}

/// An online question, with the folder of the version that answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub request: PredictRequest,
    /// Where its artifact lies.
    pub folder: PathBuf,
    /// SHA-256 of its `manifest.json`: names the version to the child's cache.
    pub manifest: ContentHash,
}

/// Child to supervisor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromExecutor {
    /// LibTorch is loaded.
    Ready,
    /// Where the job stands.
    Progress(Report),
    /// A checkpoint lies in `file`, made after `step` steps; the file is the supervisor's from now on.
    Checkpoint {
        /// Where.
        file: PathBuf,
        /// Steps done.
        step: u64,
    },
    /// The job ended.
    Ended(Ended),
    /// An answer.
    Answer(PredictAnswer),
}

/// Where a job stands, as the child knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What it is doing.
    pub phase: String,
    /// Epoch under way.
    pub epoch: u32,
    /// Epochs planned at most.
    pub epochs: u32,
    /// Steps done.
    pub step: u64,
    /// Steps planned at most.
    pub steps: u64,
    /// Mean training loss so far in this epoch.
    pub loss: Option<f64>,
    /// The loss curve so far.
    pub curve: Vec<CurvePoint>,
}

/// How a job ended in the child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum Ended {
    /// The result lies in the output folder.
    Done,
    /// As it was told to.
    Stopped {
        /// By which order.
        kind: StopKind,
    },
    /// Without a result.
    Failed {
        /// Why.
        failure: Failure,
        /// The child may have been left in a bad state: replace it.
        spoiled: bool,
    },
}
