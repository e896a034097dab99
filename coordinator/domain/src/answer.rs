//! What somebody is answered who asks for trainings, or to cancel a job.

use common::vocabulary::{JobState, ModelKey};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::decide::Obstacle;

/// What somebody is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RequestAnswer {
    /// The model has a training.
    AlreadyTraining {
        /// Where its job stands.
        state: JobState,
        /// What holds the job back.
        held: Option<Box<Obstacle>>,
    },
    /// The model is paused, and must be resumed before it is trained.
    ResumeFirst {
        /// The model.
        model: ModelKey,
    },
    /// There is no such model.
    NoSuchModel {
        /// The category that it was looked for in, if it was in one.
        category: Option<String>,
    },
    /// The job is cancelled.
    Cancelled,
    /// The job is cancelled, and its worker has been told to stop.
    CancelledAndStopping,
    /// The job is being cancelled: the store has to say first that there is no result.
    BeingCancelled,
    /// There was a result before the job was cancelled.
    TooLateToCancel,
}
