//! What somebody should know of a live version.

use common::vocabulary::{ModelKey, VersionNumber};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::Condition;
use crate::ledger::DoesWorse;

/// What somebody should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Alert {
    /// A live version does clearly worse than when it was promoted.
    Degraded {
        /// The model.
        model: ModelKey,
        /// The version.
        version: VersionNumber,
        /// How it does.
        condition: Condition,
        /// The rise of its loss as a share of its baseline's.
        rise: Option<f64>,
        /// Observations of the window this was seen on.
        window: u64,
    },
    /// A live version was taken back.
    RolledBack {
        /// The model.
        model: ModelKey,
        /// The version that is live again.
        to: VersionNumber,
        /// By how much it did worse, on how many rows.
        #[serde(flatten)]
        reason: DoesWorse,
    },
}

impl Alert {
    /// The word of the API.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }

    /// Whom it is about.
    pub fn model(&self) -> &ModelKey {
        match self {
            Self::Degraded { model, .. } | Self::RolledBack { model, .. } => model,
        }
    }
}
