//! What a supervisor needs to know.

use std::path::PathBuf;
use std::time::Duration;

use common::vocabulary::Pool;

use crate::process::Launch;

/// Settings of one supervisor; the times are the contract's unless a test shortens them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder for this worker's own files; shared with other workers of the machine.
    pub folder: PathBuf,
    /// Pools it takes jobs from.
    pub pools: Vec<Pool>,
    /// One slot per entry: the device its executor trains on.
    pub slots: Vec<String>,
    /// Names of the devices, for people.
    pub devices: Vec<String>,
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
}
