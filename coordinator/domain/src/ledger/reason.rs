//! Why a live pointer was moved.

use common::vocabulary::VersionNumber;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use crate::judge::Finding;

/// Why a live pointer was moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LedgerReason {
    /// The gate let the version through.
    Judged {
        /// The most important thing that was found.
        finding: Finding,
    },
    /// A person did it, and said no more.
    ByHand,
    /// A person did it.
    Said {
        /// Why, in their words.
        reason: String,
    },
    /// The live version does worse than the one before it.
    DoesWorse(DoesWorse),
    /// The version was restored.
    Restored {
        /// From this backup.
        backup: String,
    },
    /// What an earlier release has left, as a sentence.
    Recorded {
        /// The sentence.
        text: String,
    },
}

/// A live version that does worse than the one before it on rows that have come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DoesWorse {
    /// The live version.
    pub version: VersionNumber,
    /// The one before it.
    pub than: VersionNumber,
    /// Rows that have come.
    pub rows: u64,
    /// Its loss is higher by this, as a share.
    pub difference: f64,
    /// At least by this …
    pub low: f64,
    /// … as sure as this for all looks together, 0 to 1.
    pub confidence: f64,
}

impl LedgerReason {
    /// Of somebody who did it by hand, and may have said why.
    pub fn of_person(reason: Option<String>) -> Self {
        reason.map_or(Self::ByHand, |reason| Self::Said { reason })
    }
}
