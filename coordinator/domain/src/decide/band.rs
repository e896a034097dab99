//! What the new rows alone ask for.

use common::settings::Bands;
use serde::{Deserialize, Serialize};

use super::Facts;

/// How much the rows that are new to the live version ask for a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Too few to ask for anything.
    None,
    /// A training may be worth it: it takes place when a person or a schedule asks.
    Consider,
    /// Refit trains by itself.
    Recommended,
    /// Refit trains by itself, and it should not wait.
    Necessary,
}

impl Band {
    /// The band of a model; without a live version there is nothing that rows could be new to.
    pub(super) fn of(facts: &Facts, bands: &Bands) -> Self {
        // What is not trainable yet promises nothing.
        let trainable = facts.live.is_some() && facts.trainable.least > 0;
        let reached = |border: u32| trainable && facts.untried() >= u64::from(border);
        if bands.necessary.is_some_and(reached) {
            Self::Necessary
        } else if reached(bands.recommended) {
            Self::Recommended
        } else if reached(bands.consider) {
            Self::Consider
        } else {
            Self::None
        }
    }

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Consider => "consider",
            Self::Recommended => "recommended",
            Self::Necessary => "necessary",
        }
    }
}
