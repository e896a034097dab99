//! Why a training, an evaluation or a load ended without a result.

use std::path::PathBuf;

use common::vocabulary::AlienPart;

use crate::run::Stop;

/// The class decides what the coordinator does next.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The data does not allow it; trying again would not help.
    #[error("{0}")]
    Data(String),
    /// Refit, LibTorch or the file system failed.
    #[error("{0}")]
    Code(String),
    /// The device or the process has no memory left; half the batch may fit.
    #[error("out of memory: {0}")]
    OutOfMemory(String),
    /// A file is not what its hash, its format or its golden vector says.
    #[error("{}: {reason}", .file.display())]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Someone asked for it to stop.
    #[error("stopped: {0:?}")]
    Stopped(Stop),
}

impl TrainError {
    /// A file that is not what it should be.
    pub(crate) fn damaged(file: impl Into<PathBuf>, reason: impl ToString) -> Self {
        Self::Damaged { file: file.into(), reason: reason.to_string() }
    }
}

impl From<AlienPart> for TrainError {
    /// Whoever put the job together is at fault, not its rows.
    fn from(error: AlienPart) -> Self {
        Self::Code(error.to_string())
    }
}

impl From<tch::TchError> for TrainError {
    /// LibTorch reports lack of memory only in words.
    fn from(error: tch::TchError) -> Self {
        let text = error.to_string();
        let head = text.lines().next().unwrap_or_default().to_owned();
        let lower = text.to_lowercase();
        if lower.contains("out of memory")
            || lower.contains("not enough memory")
            || lower.contains("can't allocate memory")
        {
            Self::OutOfMemory(head)
        } else {
            Self::Code(format!("LibTorch: {head}"))
        }
    }
}

impl From<std::io::Error> for TrainError {
    fn from(error: std::io::Error) -> Self {
        Self::Code(error.to_string())
    }
}

impl From<serde_json::Error> for TrainError {
    fn from(error: serde_json::Error) -> Self {
        Self::Code(format!("JSON: {error}"))
    }
}
