//! Whom a version is judged against.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantNames;

/// Whom the version was judged against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Against {
    /// The live version.
    Champion,
    /// The hardest baseline.
    Baseline,
    /// The universal model, which would answer in its place.
    Universal,
}

impl Against {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Baseline => "baseline",
            Self::Universal => "universal",
        }
    }
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
