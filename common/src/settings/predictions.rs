//! `predictions`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::duration;

/// The log of predictions: what versions have answered.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Predictions {
    /// Whether what a prediction was made from is kept beside it. Without it only its hash is, and a prediction cannot be labelled.
    pub keep_inputs: bool,
    /// How long served predictions are kept.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1h"))]
    pub kept_for: Duration,
    /// Outputs of batch predictions that are sent at a time; whoever asks for one more is asked to come again.
    #[schemars(range(min = 1, max = 1000))]
    pub downloads: u32,
    /// How long whoever is sent an output may take nothing of it.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1s", "maximum" = "1h"))]
    pub download_idle: Duration,
}

impl Default for Predictions {
    fn default() -> Self {
        Self {
            keep_inputs: true,
            kept_for: Duration::from_hours(24 * 90),
            downloads: 16,
            download_idle: Duration::from_mins(1),
        }
    }
}
