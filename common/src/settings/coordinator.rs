//! `coordinator`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{duration, list};
use crate::vocabulary::{Pool, PoolOffer};

/// The coordinator's loops.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Coordinator {
    /// How often all models are decided on. `0s`: only when asked.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "30days"))]
    pub evaluate_every: Duration,
    /// How often live versions are scored on the rows that have come since: how well they do, and whether the version before would
    /// do better. `0s`: only when asked.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "30days"))]
    pub monitor_every: Duration,
    /// The pool that trainings go to.
    #[schemars(with = "String")]
    pub pool: Pool,
    /// Pools there are or will be, and what one device of theirs offers, such as `cpu, gpu=cuda:80GiB`. A job that asks for
    /// what neither these nor a live worker offer is refused at once. `coordinator.pool` need not be named.
    #[serde(deserialize_with = "list::or_text")]
    #[schemars(with = "Vec<String>")]
    pub pools: Vec<PoolOffer>,
    /// How long a request for a forecast waits for a predictor.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "100ms", "maximum" = "5min"))]
    pub predict_within: Duration,
    /// How long an answered forecast is kept for the same question.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "7days"))]
    pub forecast_ttl: Duration,
    /// How long a condemned object stays in the store before it is deleted.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1min"))]
    pub condemned_for: Duration,
    /// How often the leader cleans: objects of the store that nothing refers to, and rows that are older than they are kept. `0s`: only
    /// when asked.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "30days"))]
    pub clean_every: Duration,
    /// Days that the weights of a version that did not go live stay, counted from its training, or from when they were restored.
    /// What cleanup took by then, `refit reproduce` trains again.
    #[schemars(range(min = 0, max = 3650))]
    pub keep_rejected_days: u32,
    /// Backups kept of each model, the newest; older ones go when a new one is whole.
    #[schemars(range(min = 1, max = 1000))]
    pub backups_kept: u32,
    /// How often the leader checks what must always hold (`GET /api/v1/invariants`). `0s`: only when asked.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "1day"))]
    pub check_every: Duration,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            evaluate_every: Duration::from_mins(15),
            monitor_every: Duration::from_mins(15),
            pool: Pool::cpu(),
            pools: vec![PoolOffer::of(Pool::cpu())],
            predict_within: Duration::from_secs(10),
            forecast_ttl: Duration::from_hours(1),
            condemned_for: Duration::from_hours(1),
            clean_every: Duration::from_hours(24),
            keep_rejected_days: 30,
            backups_kept: 5,
            check_every: Duration::from_mins(5),
        }
    }
}
