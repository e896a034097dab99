//! What a supervisor needs to know.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use common::vocabulary::Pool;

use crate::WorkerError;
use crate::devices::{CPU, Devices};
use crate::process::Launch;

const CLAIM_REPEAT: Duration = Duration::from_secs(1);
const CHECKPOINT_EVERY: Duration = Duration::from_secs(2);
const CACHE_BYTES: u64 = 4 << 30;

/// Settings of one supervisor; the times are the contract's unless a test shortens them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder for this worker's own files; shared with other workers of the machine.
    pub folder: PathBuf,
    /// Pools it takes jobs from.
    pub pools: Vec<Pool>,
    /// One slot per entry: the device its executor trains on.
    pub slots: Vec<String>,
    /// What there is to train on.
    pub devices: Arc<Devices>,
    /// How executors are started.
    pub launch: Launch,
    /// Longest time between two heartbeats.
    pub heartbeat: Duration,
    /// Time between two repetitions of a claim.
    pub claim_repeat: Duration,
    /// How long trainings go on while the bus cannot be reached.
    pub orphan_limit: Duration,
    /// A training without progress for so long, and for 20 usual steps, has stalled.
    pub stall_timeout: Duration,
    /// A drain takes at most so long.
    pub drain_grace: Duration,
    /// Time until the first checkpoint, and at least between two.
    pub checkpoint_every: Duration,
    /// Most bytes of snapshot parts kept for later jobs.
    pub cache_bytes: u64,
    /// An executor that holds more bytes than this after a job is replaced; 0: no such limit.
    pub executor_memory: u64,
}

impl Settings {
    /// What follows from Refit's settings on a machine with these devices.
    ///
    /// # Errors
    /// The path of this binary cannot be found out.
    pub fn of(common: &common::settings::Settings, devices: Arc<Devices>) -> Result<Self, WorkerError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let launch = Launch::this_binary(&common.log.level, devices.preload().map(Path::to_path_buf));
        Ok(Self {
            folder: common.data_dir.join("workers"),
            pools: common.worker.pools.clone(),
            slots: slots(&devices.gpus(), common.worker.slots as usize, cores),
            devices,
            launch: launch.map_err(|source| WorkerError::Spawn { source })?,
            heartbeat: common.dispatch.heartbeat,
            claim_repeat: CLAIM_REPEAT,
            orphan_limit: common.worker.orphan_limit,
            stall_timeout: common.worker.stall_timeout,
            drain_grace: common.worker.drain_grace,
            checkpoint_every: CHECKPOINT_EVERY,
            cache_bytes: CACHE_BYTES,
            executor_memory: common.worker.executor_memory_mib << 20,
        })
    }
}

/// A device per slot. GPUs take the trainings where there are any; `wanted` 0 is one per GPU, or per core.
fn slots(gpus: &[&str], wanted: usize, cores: usize) -> Vec<String> {
    let (compute, usual) = if gpus.is_empty() { (vec![CPU], cores) } else { (gpus.to_vec(), gpus.len()) };
    let count = if wanted == 0 { usual } else { wanted };
    compute.into_iter().cycle().take(count).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_go_round_the_gpus_or_the_cores() {
        let gpus = ["cuda:0", "cuda:1"];
        assert_eq!(slots(&[], 0, 2), ["cpu", "cpu"]);
        assert_eq!(slots(&[], 1, 8), ["cpu"]);
        assert_eq!(slots(&gpus, 0, 8), ["cuda:0", "cuda:1"]);
        assert_eq!(slots(&gpus, 3, 8), ["cuda:0", "cuda:1", "cuda:0"]);
    }
}
