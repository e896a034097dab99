//! Why a claim ended without a result.

use std::io;
use std::path::Path;

use common::ports::PortError;
use common::vocabulary::FailureClass;
use serde::{Deserialize, Serialize};

/// How a claim failed: the class decides what the coordinator does next, the message is for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{class}: {message}")]
pub struct Failure {
    /// What happens next.
    pub class: FailureClass,
    /// What went wrong, in the user's terms.
    pub message: String,
}

impl Failure {
    /// A failure of this class.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into() }
    }

    /// A file of this machine that could not be read or written: trying again may help, and nothing live has changed.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        let message = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                format!(
                    "no space left while writing {}: free some room on the worker; nothing that was live has changed",
                    path.display()
                )
            }
            _ => format!("{}: {error}", path.display()),
        };
        Self::new(FailureClass::Code, message)
    }
}

impl From<PortError> for Failure {
    /// A damaged or missing input says nothing of the rows it holds. It, and what else a person can heal (a full or misconfigured
    /// store), is tried again with back-off; an unreachable store burns no attempt.
    fn from(error: PortError) -> Self {
        let class = match error {
            PortError::NotFound { .. } | PortError::Damaged { .. } => FailureClass::Damaged,
            PortError::Full { .. } | PortError::Unusable { .. } => FailureClass::Code,
            PortError::Unreachable { .. } => FailureClass::Lost,
        };
        Self::new(class, error.to_string())
    }
}
