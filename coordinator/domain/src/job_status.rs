//! Where a job stands that has not ended: what it waits for, or who has it; and what would let it go on.

use chrono::{DateTime, Utc};
use common::vocabulary::{ModelKey, Pool, WorkerId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::offers::{Never, Wanted};

/// Where a job stands that has not ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobStatus {
    /// Something is wrong with it; it is looked at again soon.
    HeldUp {
        /// What, as whoever noticed says it.
        trouble: String,
    },
    /// It waits, and is being cancelled.
    Cancelling,
    /// Its model is paused.
    ModelPaused {
        /// Since then.
        since: DateTime<Utc>,
        /// In the words of who did it, if they gave one.
        #[serde(rename = "said")]
        reason: Option<String>,
    },
    /// Its pool is paused.
    PoolPaused {
        /// The pool.
        pool: Pool,
        /// Since then.
        since: DateTime<Utc>,
        /// In the words of who did it, if they gave one.
        #[serde(rename = "said")]
        reason: Option<String>,
    },
    /// Its pool is drained.
    PoolDrained {
        /// The pool.
        pool: Pool,
        /// Since then.
        since: DateTime<Utc>,
        /// In the words of who did it, if they gave one.
        #[serde(rename = "said")]
        reason: Option<String>,
    },
    /// No worker can ever run it.
    NoSuchWorker {
        /// What every worker lacks.
        #[serde(rename = "because")]
        reason: Never,
    },
    /// No worker of its pool lives.
    NoWorker {
        /// The pool.
        pool: Pool,
    },
    /// No live worker of its pool has what it needs.
    NoDevice {
        /// The pool.
        pool: Pool,
        /// What it needs.
        needs: Wanted,
    },
    /// It has failed, and is tried again.
    TriedAgain {
        /// Then.
        at: DateTime<Utc>,
    },
    /// Its rows are not frozen yet.
    NotFrozen,
    /// It waits for a slot of a pool that stands in for its own.
    StandIn {
        /// Slots there.
        slots: u32,
        /// The pool that stands in.
        #[serde(rename = "place")]
        dispatch_pool: Pool,
        /// Its own pool, of which no worker lives.
        pool: Pool,
    },
    /// It waits for its turn.
    InLine {
        /// Its position, from 1.
        position: u64,
        /// Slots of its pool.
        slots: u32,
        /// Its pool.
        pool: Pool,
    },
    /// It waits for its turn, further back than positions are counted.
    FarBack {
        /// Positions that are counted.
        #[serde(rename = "places")]
        counted: u64,
        /// Its pool.
        pool: Pool,
    },
    /// Its doorbell is out, but nobody is there to hear it.
    Unheard {
        /// The pool.
        pool: Pool,
    },
    /// Its doorbell is out.
    Dispatched {
        /// The pool whose workers hear it.
        pool: Pool,
    },
    /// A worker has it.
    Held {
        /// The worker.
        worker: WorkerId,
        /// The pool that stands in for its own.
        #[serde(rename = "place")]
        dispatch_pool: Option<Pool>,
        /// Its own pool.
        pool: Pool,
        /// The worker has been asked to give it back.
        yielding: bool,
        /// Why the store does not take its result, if it is finished.
        refused: Option<String>,
    },
    /// Its result is being judged.
    Judging,
}

/// What would let a job go on that somebody has to do something about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NextStep {
    /// To resume the model.
    ResumeModel {
        /// The model.
        model: ModelKey,
    },
    /// To resume the pool.
    ResumePool {
        /// The pool.
        pool: Pool,
    },
    /// To see what each pool offers.
    ListPools,
    /// To see what a worker's machine has.
    ListDevices,
    /// To start a worker of the pool.
    StartWorker {
        /// The pool.
        pool: Pool,
    },
}
