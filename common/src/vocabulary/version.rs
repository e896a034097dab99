//! Version numbers: `v1.0`, `v1.1`, `v2.0`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A version of a model. A complete training gets the next major, an incremental one the next free minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionNumber {
    /// Counts complete trainings, from 1.
    pub major: u32,
    /// Counts the incremental trainings on it, from 0.
    pub minor: u32,
}

/// The text is not a version.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0:?} is not a version: write v1.0 or 1.0")]
pub struct InvalidVersion(String);

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("v{}.{}", self.major, self.minor))
    }
}

impl FromStr for VersionNumber {
    type Err = InvalidVersion;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidVersion(text.chars().take(80).collect());
        let (major, minor) = text.strip_prefix('v').unwrap_or(text).split_once('.').ok_or_else(invalid)?;
        let number = |part: &str| part.parse().map_err(|_| invalid());
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl TryFrom<String> for VersionNumber {
    type Error = InvalidVersion;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<VersionNumber> for String {
    fn from(version: VersionNumber) -> Self {
        version.to_string()
    }
}
