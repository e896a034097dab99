//! How a search stands, and what came of it.

use common::vocabulary::{JobState, VersionNumber};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

/// How a search stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SearchState {
    /// Trials are waiting or running.
    Running,
    /// What it found is being trained and judged, or waits for rows to be judged on.
    Challenging,
    /// It is over.
    Completed,
    /// It came to nothing: no trial could be measured, or what it found could not be trained.
    Failed,
    /// Somebody has cancelled it; it can be gone on with.
    Cancelled,
}

impl SearchState {
    /// Whether nothing more comes of it by itself.
    pub fn is_over(self) -> bool {
        match self {
            Self::Running | Self::Challenging => false,
            Self::Completed | Self::Failed | Self::Cancelled => true,
        }
    }
}

/// What came of a search. Losses are means over validation rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SearchOutcome {
    /// The best trial is being trained, to be judged like any other.
    Challenging {
        /// Its number.
        trial: u32,
        /// Its loss.
        loss: f64,
        /// That of what the model had.
        own: f64,
    },
    /// What it found was trained, and more rows are needed to judge it. When they have come, it is live or it is not.
    Waits {
        /// The trial.
        trial: u32,
        /// The version.
        version: VersionNumber,
    },
    /// What it found is live, and what the model is trained with from now on.
    Adopted {
        /// The trial.
        trial: u32,
        /// The version.
        version: VersionNumber,
    },
    /// What it found was trained, and did not show itself better on held-out rows.
    NotBetter {
        /// The trial.
        trial: u32,
        /// The version.
        version: VersionNumber,
    },
    /// Nothing beats what the model has.
    NothingBetter {
        /// How many were tried.
        trials: u32,
        /// The loss of what the model has.
        own: f64,
    },
    /// There are no rows to try anything on.
    NoRows {
        /// Why not.
        reason: String,
    },
    /// No trial could be measured.
    Unmeasured {
        /// How many were tried.
        trials: u32,
        /// Why the first of them failed.
        reason: Option<String>,
    },
    /// What the model has could not be measured, so that there is nothing to compare with.
    OwnUnmeasured {
        /// Why its trial failed.
        reason: Option<String>,
    },
    /// What it found cannot be trained.
    Refused {
        /// The trial.
        trial: u32,
        /// Why not.
        reason: String,
    },
    /// Its model was told to read other rows: what was tried says nothing of them.
    Overtaken,
    /// The training of what it found has come to nothing.
    Untrained {
        /// The trial.
        trial: u32,
        /// How it ended.
        state: JobState,
    },
    /// Somebody has cancelled it.
    Cancelled,
}
