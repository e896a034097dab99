//! `priority`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::duration;

/// Who is first in the line: the base of each category, lower runs sooner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Priority {
    /// Base of `portfolio`: held now.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub portfolio: f64,
    /// Base of `on_demand`: asked for by a person.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub on_demand: f64,
    /// Base of `watchlist`: watched.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub watchlist: f64,
    /// Base of `scanning`: found by a market scan.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub scanning: f64,
    /// Base of every other category.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub other: f64,
    /// Waiting this long is worth 5 points.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1s", "maximum" = "30days"))]
    pub aging_interval: Duration,
    /// No score goes below this. Without it, scores may be negative.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub floor: Option<f64>,
}

impl Default for Priority {
    fn default() -> Self {
        Self {
            portfolio: 20.0,
            on_demand: 30.0,
            watchlist: 40.0,
            scanning: 60.0,
            other: 50.0,
            aging_interval: Duration::from_mins(30),
            floor: None,
        }
    }
}

impl Priority {
    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        let infinite = self.floor.is_some_and(|floor| !floor.is_finite());
        infinite.then(|| ("priority.floor", "a finite number is needed, or leave it out".into()))
    }
}
