//! What a decision comes to.

use common::vocabulary::Mode;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::{Decision, Hold, HoldCode, Verdict};

/// What to do about a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// To retrain it.
    Retrain {
        /// How; absent where nothing says so.
        mode: Option<Mode>,
    },
    /// To retrain it when somebody asks.
    RetrainWhenAsked {
        /// How.
        mode: Option<Mode>,
    },
    /// To wait: it is being trained.
    WaitForTraining,
    /// To wait for what holds it back, and then to retrain it.
    Wait {
        /// What holds it back.
        holds: Vec<HoldCode>,
        /// How to retrain it then.
        mode: Option<Mode>,
    },
    /// Nothing.
    Nothing,
}

impl Action {
    /// What this decision comes to.
    pub fn of(decision: &Decision) -> Self {
        let mode = decision.mode;
        let holds: Vec<HoldCode> = decision.holds.iter().map(Hold::code).collect();
        match decision.verdict {
            Verdict::Retrain => Self::Retrain { mode },
            Verdict::Recommended => Self::RetrainWhenAsked { mode },
            Verdict::HeldBack if holds.contains(&HoldCode::ActiveTraining) => Self::WaitForTraining,
            Verdict::HeldBack => Self::Wait { holds, mode },
            Verdict::NotNeeded => Self::Nothing,
        }
    }
}
