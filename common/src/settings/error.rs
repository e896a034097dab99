//! Where a value came from, and what can be wrong with it.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The settings file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line.
    Flag(String),
    /// Somebody has said it of one model.
    Model,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.pad("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Model => f.pad("the model's own"),
        }
    }
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file, or a file that a setting points to, cannot be read or is not TOML.
    #[error("cannot read {}: {reason}", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the parser or the rule says.
        reason: String,
    },
    /// There is no such key.
    #[error("there is no setting {key:?} ({origin}){}", .hint.as_ref().map(|h| format!("; did you mean {h}?")).unwrap_or_default())]
    Unknown {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// The nearest one there is, as it would be written there.
        hint: Option<String>,
    },
    /// The value is of the wrong type, out of range, or contradicts another.
    #[error("{key} ({origin}): {reason}")]
    Invalid {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// What is wrong, and what would be right.
        reason: String,
    },
}
