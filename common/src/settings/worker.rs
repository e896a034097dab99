//! `worker`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{duration, list};
use crate::vocabulary::Pool;

/// The worker and its executors.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// Trainings at a time. 0: one per GPU, or per core where there is none.
    #[schemars(range(min = 0, max = 1024))]
    pub slots: u32,
    /// Pools it serves, as a list or as a text with commas.
    #[serde(deserialize_with = "list::or_text")]
    #[schemars(with = "Vec<String>")]
    pub pools: Vec<Pool>,
    /// How long a drain may take before trainings are given back as they are.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "1h"))]
    pub drain_grace: Duration,
    /// Least time without progress before a training is stopped; 20 times its usual step, if that is longer.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1s", "maximum" = "1day"))]
    pub stall_timeout: Duration,
    /// How long trainings go on while the bus cannot be reached.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "7days"))]
    pub orphan_limit: Duration,
    /// Resident memory in MiB beyond which an executor is replaced after its job. 0: no limit.
    #[schemars(range(min = 0, max = 1_048_576))]
    pub executor_memory_mib: u64,
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            slots: 0,
            pools: vec![Pool::cpu()],
            drain_grace: Duration::from_secs(30),
            stall_timeout: Duration::from_mins(10),
            orphan_limit: Duration::from_mins(30),
            executor_memory_mib: 0,
        }
    }
}

impl Worker {
    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        self.pools
            .is_empty()
            .then(|| ("worker.pools", "a worker without a pool gets no jobs: name at least one".into()))
    }
}
