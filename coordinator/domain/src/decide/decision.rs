//! The answer and its parts.

use std::fmt;

use common::vocabulary::{Mode, Timestamp};
use serde::{Deserialize, Serialize};
use strum::VariantNames;

use crate::cost::Price;

use super::{Band, Ground, HoldCode, Obstacle, ReasonCode, Remark};

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// Enqueue a training.
    Retrain,
    /// A training is due, but Refit may not enqueue it by itself.
    Recommended,
    /// A training is due, but not now.
    HeldBack,
    /// No rule asks for a training.
    NotNeeded,
}

/// Something that speaks for a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule, with its numbers.
    #[serde(flatten)]
    pub ground: Ground,
    /// The mode it asks for.
    pub mode: Mode,
}

/// Something that speaks against it, for now.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// What it is, with its numbers.
    pub obstacle: Obstacle,
    /// When it ends by itself; absent when that takes more than time.
    pub until: Option<Timestamp>,
}

/// To retrain or not, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The answer.
    pub verdict: Verdict,
    /// What the new rows alone ask for.
    pub band: Band,
    /// The mode of the training, now or later; absent when none is needed.
    pub mode: Option<Mode>,
    /// What speaks for it, strongest first.
    pub reasons: Vec<Reason>,
    /// What speaks against it now.
    pub holds: Vec<Hold>,
    /// Why the mode is another than expected, and, unless the answer is yes, what would change it. May be empty.
    pub remarks: Vec<Remark>,
    /// What the training would probably cost; absent where none is needed, or nobody knows.
    pub price: Option<Price>,
}

impl Decision {
    /// Whether the live version is outdated, a term of the priority.
    pub fn is_outdated(&self) -> bool {
        self.reasons.iter().any(|reason| reason.code() == ReasonCode::TooOld)
    }
}

impl Verdict {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retrain => "retrain",
            Self::Recommended => "recommended",
            Self::HeldBack => "held_back",
            Self::NotNeeded => "not_needed",
        }
    }
}

impl Reason {
    /// The rule.
    pub fn code(&self) -> ReasonCode {
        ReasonCode::from(&self.ground)
    }
}

impl Hold {
    /// What it is.
    pub fn code(&self) -> HoldCode {
        HoldCode::from(&self.obstacle)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
