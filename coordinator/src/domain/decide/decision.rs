//! The answer and its parts.

use std::fmt;

use common::vocabulary::{Mode, Timestamp};

use super::Band;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// The rule behind a [`Reason`], in the order of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonCode {
    /// There is no live version.
    NoModel,
    /// The live version was trained too long ago.
    TooOld,
    /// Enough matured rows have come since.
    NewSamples,
    /// The inputs are not those the live version was fitted on.
    SchemaChanged,
    /// Rows that the live version has seen were corrected.
    DataRevised,
    /// Rows that the live version was given were deleted or changed, and only a complete training forgets them.
    RowsForgotten,
    /// The live version stands on as many incremental trainings as allowed.
    MaxIncrements,
    /// The live version is probably no better than its baseline.
    LowReliability,
    /// The live version does clearly worse than when it was promoted.
    Degraded,
    /// A caller insists although no rule asks for it.
    Forced,
}

/// What holds a training back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldCode {
    /// A person has paused the model.
    Paused,
    /// The rows cannot be read as the model is told to.
    DataQuality,
    /// The same training of the same rows has failed because of them.
    Failed,
    /// Too few rows to train and to judge.
    TooFewRows,
    /// The live version was given rows of later days than the one that is asked about.
    Hindsight,
    /// Nothing is new to the live version: an incremental training would learn nothing.
    NothingNew,
    /// A training of the model is in the line or running.
    ActiveTraining,
    /// The last training was only just.
    CoolDown,
    /// The last version was rejected.
    BackOff,
    /// The last version has been trained on these rows, and waits for more to be judged on.
    Waiting,
    /// A person has gone back to the live version.
    RolledBack,
    /// Complete trainings have found nothing in these rows.
    Exhausted,
    /// Many models declined at once; others go first.
    Crowd,
}

/// Something that speaks for a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The rule.
    pub code: ReasonCode,
    /// A sentence with its numbers.
    pub text: String,
    /// The mode it asks for.
    pub mode: Mode,
}

/// Something that speaks against it, for now.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// What it is.
    pub code: HoldCode,
    /// A sentence with its numbers.
    pub text: String,
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
    pub note: String,
}

impl Decision {
    /// Whether the live version is outdated, a term of the priority.
    pub fn is_outdated(&self) -> bool {
        self.reasons.iter().any(|reason| reason.code == ReasonCode::TooOld)
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

impl ReasonCode {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoModel => "no_model",
            Self::TooOld => "too_old",
            Self::NewSamples => "new_samples",
            Self::SchemaChanged => "schema_changed",
            Self::DataRevised => "data_revised",
            Self::RowsForgotten => "rows_forgotten",
            Self::MaxIncrements => "max_increments",
            Self::LowReliability => "low_reliability",
            Self::Degraded => "degraded",
            Self::Forced => "forced",
        }
    }

    /// Whether a cool-down may make it wait: a model that cannot be used as it is does not.
    pub(super) fn cools_down(self) -> bool {
        match self {
            Self::NoModel
            | Self::SchemaChanged
            | Self::DataRevised
            | Self::MaxIncrements
            | Self::Degraded
            | Self::Forced => false,
            Self::TooOld | Self::NewSamples | Self::RowsForgotten | Self::LowReliability => true,
        }
    }
}

impl HoldCode {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::DataQuality => "data_quality",
            Self::Failed => "failed",
            Self::TooFewRows => "too_few_rows",
            Self::Hindsight => "hindsight",
            Self::NothingNew => "nothing_new",
            Self::ActiveTraining => "active_training",
            Self::CoolDown => "cool_down",
            Self::BackOff => "back_off",
            Self::Waiting => "waiting",
            Self::RolledBack => "rolled_back",
            Self::Exhausted => "exhausted",
            Self::Crowd => "crowd",
        }
    }

    /// Whether force skips it.
    pub(super) fn yields_to_force(self) -> bool {
        match self {
            Self::Failed
            | Self::CoolDown
            | Self::BackOff
            | Self::Waiting
            | Self::RolledBack
            | Self::Exhausted
            | Self::Crowd => true,
            Self::Paused
            | Self::DataQuality
            | Self::TooFewRows
            | Self::Hindsight
            | Self::NothingNew
            | Self::ActiveTraining => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for HoldCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
