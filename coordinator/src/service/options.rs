//! How the coordinator behaves, with the defaults of the design.

use std::time::Duration;

use common::vocabulary::{Pool, SplitPolicy};

/// Everything about the loops that may be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How long a worker may be silent before its jobs go back into the line.
    pub lease: Duration,
    /// How long a dispatched job may stay unclaimed while slots are free.
    pub unclaimed_after: Duration,
    /// How often all models are decided on; never by itself, if `None`.
    pub evaluate_every: Option<Duration>,
    /// Waiting this long is worth 5 points.
    pub aging_interval: Duration,
    /// How rows are parted.
    pub split: SplitPolicy,
    /// Where trainings run.
    pub pool: Pool,
    /// How long a forecast is waited for.
    pub predict_within: Duration,
    /// How long a forecast is kept.
    pub forecast_ttl: Duration,
    /// How long a condemned object stays in the store.
    pub condemned_for: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(12),
            unclaimed_after: Duration::from_secs(5),
            evaluate_every: Some(Duration::from_secs(15 * 60)),
            aging_interval: Duration::from_secs(30 * 60),
            split: SplitPolicy::default(),
            pool: Pool::cpu(),
            predict_within: Duration::from_secs(10),
            forecast_ttl: Duration::from_secs(3600),
            condemned_for: Duration::from_secs(3600),
        }
    }
}
