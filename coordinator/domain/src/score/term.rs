//! The terms of a score.

use serde::{Deserialize, Serialize};
use strum::VariantNames;

/// One term of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// What it stands for.
    #[serde(flatten)]
    pub kind: TermKind,
    /// Points; negative is sooner.
    pub points: f64,
}

/// What a term of a score stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TermKind {
    /// A priority that somebody has given.
    PriorityGiven,
    /// The base of the model's category.
    Category {
        /// The category.
        category: String,
    },
    /// There is no live version.
    NoLiveVersion,
    /// The live version is too old.
    Outdated,
    /// The live version is current, and reliable.
    Reliable {
        /// P(skill > 0), 0 to 1.
        reliability: f64,
    },
    /// The live version is not reliable.
    Unreliable {
        /// P(skill > 0), 0 to 1.
        reliability: f64,
    },
    /// The live version is of good quality.
    GoodQuality {
        /// P(skill > 0), 0 to 1.
        reliability: f64,
    },
    /// It is being trained, or in the backlog; only in an answer.
    AlreadyTraining,
    /// Its position in the list that was asked for.
    Position {
        /// From 1.
        position: u32,
    },
    /// What lifts the score to the lowest there is.
    Floor,
    /// It has waited.
    Waiting,
    /// It is a probe.
    Probe,
    /// It scores live versions.
    Monitor,
    /// It tries hyper-parameters.
    Trial,
    /// It trains a version again.
    Reproduction,
    /// It predicts a file of rows.
    BatchPrediction,
}
