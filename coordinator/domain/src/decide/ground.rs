//! The rules that ask for a training, each with the numbers that it goes by.

use chrono::NaiveDate;
use common::drift::Aspect;
use common::vocabulary::VersionNumber;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, IntoStaticStr, VariantNames};

/// A rule that asks for a training, in the order of the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, EnumDiscriminants)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(
    name(ReasonCode),
    doc = "The rule behind a reason.",
    derive(PartialOrd, Ord, IntoStaticStr),
    strum(serialize_all = "snake_case"),
    allow(missing_docs)
)]
pub enum Ground {
    /// There is no live version.
    NoModel,
    /// The live version was trained too long ago.
    TooOld {
        /// The live version.
        version: VersionNumber,
        /// The day of its training.
        trained: NaiveDate,
        /// Days since then.
        age: f64,
        /// Days from which on it is asked for.
        limit: f64,
    },
    /// Enough matured rows have come since.
    NewSamples {
        /// Rows that have come.
        rows: u64,
        /// The newest day of the live version's rows.
        since: NaiveDate,
        /// The live version.
        version: VersionNumber,
        /// Rows that it was given.
        given: u64,
        /// A version that was trained since, and did not go live.
        tried: Option<VersionNumber>,
        /// Rows that have come since that.
        untried: u64,
        /// What so many rows ask for.
        asks: Asks,
        /// Rows from which on they do.
        from: u32,
        /// Rows from which on Refit trains by itself, if that is still to come.
        next: Option<u32>,
    },
    /// The inputs are not those the live version was fitted on.
    SchemaChanged {
        /// The live version.
        version: VersionNumber,
    },
    /// Rows that the live version has seen were corrected.
    DataRevised {
        /// The live version.
        version: VersionNumber,
        /// The newest day of its rows.
        through: NaiveDate,
    },
    /// Rows that the live version was given were deleted or changed, and only a complete training forgets them.
    RowsForgotten {
        /// The live version.
        version: VersionNumber,
        /// So many.
        rows: u64,
    },
    /// The live version stands on as many incremental trainings as allowed.
    MaxIncrements {
        /// The live version.
        version: VersionNumber,
        /// Incremental trainings it stands on.
        increments: u32,
        /// As many are allowed.
        limit: u32,
    },
    /// The live version is probably no better than its baseline.
    LowReliability {
        /// The live version.
        version: VersionNumber,
        /// P(skill > 0), 0 to 1.
        reliability: f64,
        /// Below this it is asked for.
        limit: f64,
    },
    /// The live version does clearly worse than when it was promoted.
    Degraded {
        /// The live version.
        version: VersionNumber,
        /// The rise of its loss as a share of its baseline's: 0.15 is 15 %.
        rise: f64,
        /// Observations of the window this was seen on.
        window: u64,
    },
    /// Rows that have come are unlike any stretch of those that the live version was trained on.
    Drift {
        /// The live version.
        version: VersionNumber,
        /// Rows that have come.
        rows: u64,
        /// Inputs that have drifted.
        columns: u32,
        /// Inputs there are.
        of: u32,
        /// The one that has drifted most.
        column: String,
        /// What of it.
        aspect: Aspect,
        /// By how much: a difference of shares, 0 to 1.
        distance: f64,
        /// Up to here it would be no drift.
        threshold: f64,
    },
    /// What the live version has lost beyond what was to be expected is worth a training.
    Regret {
        /// The live version.
        version: VersionNumber,
        /// In losses of its baseline on one row, times the questions asked for each row.
        regret: f64,
        /// Seconds that a training will probably take.
        seconds: f64,
        /// So much regret is worth one of them.
        per_second: f64,
    },
    /// A caller insists although no rule asks for it.
    Forced,
}

/// What new rows ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// A training when a person or a schedule asks.
    Consider,
    /// A training; there is no band below.
    Enough,
    /// A training.
    Recommended,
    /// A training that should not wait.
    Necessary,
}

impl ReasonCode {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        self.into()
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
            Self::TooOld
            | Self::NewSamples
            | Self::RowsForgotten
            | Self::LowReliability
            | Self::Drift
            | Self::Regret => true,
        }
    }
}
