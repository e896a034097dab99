//! What a schedule is called.

use std::fmt;
use std::str::FromStr;

use common::vocabulary::InvalidKey;
use serde::{Deserialize, Serialize};

use super::written::as_text;
use crate::plain_name::{RULE, is_plain_name};

/// The name of a schedule: `weekly-retrain`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScheduleName(String);

as_text!(ScheduleName);

impl ScheduleName {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ScheduleName {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_plain_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidKey { text: text.chars().take(80).collect(), what: "name of a schedule", rule: RULE })
    }
}
