//! What is said on the queue and the bus. Every message is repeated until answered, or can be derived again.

use serde::{Deserialize, Serialize};

use crate::telemetry::TraceContext;
use crate::vocabulary::{AttemptId, ClaimId, ContentHash, CurvePoint, FailureClass, JobId, JobSpec, Pool, WorkerId};

/// Most doorbells in one message of the queue: so many small jobs are claimed at once, by one slot.
pub const MAX_DOORBELLS: usize = 64;

/// "Someone should take this job": all that travels on the queue, alone or, for small jobs, in a batch of up to [`MAX_DOORBELLS`].
/// The row is the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doorbell {
    /// The job.
    pub job: JobId,
    /// The dispatch this is for; an older one is refused at the claim.
    pub attempt: AttemptId,
    /// Where it is in the job's trace. Not in the body: queues carry it as the W3C header `traceparent`.
    #[serde(skip)]
    pub trace: Option<TraceContext>,
}

/// What a message of the queue must hold: one doorbell to [`MAX_DOORBELLS`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Doorbell>")]
pub struct DoorbellBatch(pub Vec<Doorbell>);

impl TryFrom<Vec<Doorbell>> for DoorbellBatch {
    type Error = String;
    fn try_from(doorbells: Vec<Doorbell>) -> Result<Self, String> {
        match doorbells.len() {
            1..=MAX_DOORBELLS => Ok(Self(doorbells)),
            count => Err(format!("it holds {count} doorbells, not 1 to {MAX_DOORBELLS}")),
        }
    }
}

/// Worker to coordinator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToCoordinator {
    /// "May I start these?" Repeated every second until answered.
    Claim {
        /// Claims for one slot: one, or a batch of small jobs.
        claims: Vec<Claim>,
    },
    /// The doorbells came while no slot was free, or the claims were given up before they were answered: put the jobs back, no attempt is
    /// burnt. Also the answer to the grant of a claim that was given up.
    Declined {
        /// Claims that were not made, or will not be started.
        claims: Vec<Claim>,
        /// Why, where it is not for want of a slot: this worker cannot understand the grant, as that of a later release. Another may.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Every 3 s and on change.
    Heartbeat(Heartbeat),
    /// Display only; never needed.
    Progress(Progress),
    /// Hint that [`Heartbeat::finished`] has new entries.
    Finished {
        /// These.
        ends: Vec<Finished>,
    },
}

/// A request for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// The dispatch.
    pub attempt: AttemptId,
    /// This delivery of it.
    pub claim: ClaimId,
    /// Who asks.
    pub worker: WorkerId,
}

/// The state of a worker, whole each time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The incarnation that sends it.
    pub worker: WorkerId,
    /// Grows with every heartbeat of this incarnation.
    pub sequence: u64,
    /// Host name, for people.
    pub host: String,
    /// Process id of the supervisor.
    pub pid: u32,
    /// Pools it serves.
    pub pools: Vec<Pool>,
    /// Slots it has.
    pub slots: u32,
    /// Slots that could start a job now.
    pub free: u32,
    /// No new claims: it is going down.
    pub draining: bool,
    /// It has ended: this is the last one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// `cpu`, or the GPUs' names.
    pub devices: Vec<String>,
    /// What it trains on, measured.
    #[serde(default)]
    pub hardware: Hardware,
    /// Resident memory of the worker and its children, bytes.
    pub memory: u64,
    /// Refit's version.
    pub version: String,
    /// What keeps it from working as it should, in words: no way to the queue, slots it had to give up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<String>,
    /// Every claim it holds.
    pub held: Vec<Held>,
    /// Every ended claim the coordinator has not confirmed yet.
    pub finished: Vec<Finished>,
    /// Earlier incarnations on this machine that it found dead when it started: nothing comes of what they held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dead: Vec<WorkerId>,
}

/// What a worker trains on, as it is now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hardware {
    /// Its devices, GPUs first.
    pub devices: Vec<DeviceState>,
    /// Why there is no GPU, or why it is not used, in words; empty where GPUs are used.
    pub note: String,
}

/// One device. What nobody measures is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceState {
    /// `cpu`, `cuda:0`.
    pub device: String,
    /// For people, such as `NVIDIA H200`.
    pub name: String,
    /// Its memory, bytes.
    pub memory: Option<u64>,
    /// Of that in use, by whomever, bytes.
    pub memory_used: Option<u64>,
    /// Share of the last moment in which it computed, 0 to 1.
    pub utilisation: Option<f64>,
}

impl DeviceState {
    /// Whether this is a GPU.
    pub fn is_gpu(&self) -> bool {
        self.device != "cpu"
    }
}

/// A claim a worker holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The claim that is held.
    pub claim: Claim,
    /// Optimiser steps done.
    pub step: u64,
    /// Newest checkpoint in the store.
    pub checkpoint: Option<CheckpointRef>,
    /// Its result is finished, and the store does not take it now: why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A checkpoint in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointRef {
    /// Its key in the store.
    pub key: String,
    /// SHA-256 of the file.
    pub sha256: ContentHash,
    /// Optimiser steps done when it was written.
    pub step: u64,
}

/// A claim that ended, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The claim that has ended.
    pub claim: Claim,
    /// How.
    pub outcome: Outcome,
    /// Newest checkpoint in the store, to resume from.
    pub checkpoint: Option<CheckpointRef>,
    /// Wall time on the worker, seconds.
    pub seconds: f64,
}

/// How a claim ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The result is uploaded and sealed: the seal in the store says the rest.
    Sealed,
    /// A job without artifacts is done.
    Done,
    /// Its rows are predicted. What was said lies in the store under its hash: done again, it would be the same file.
    Predicted {
        /// SHA-256 of the file (see [`crate::ports::StoreKey::predictions`]).
        sha256: ContentHash,
    },
    /// The attempt's seal was already written by someone else: nothing of this claim counts.
    Discarded,
    /// It ended without a result.
    Failed {
        /// The class decides what happens next.
        class: FailureClass,
        /// What went wrong, in the user's terms.
        message: String,
    },
}

/// Where a running job stands; at least once a second while training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The claim that moves on.
    pub claim: Claim,
    /// What it is doing: `loading`, `training`, `evaluating`, `yardstick`, `uploading`.
    pub phase: String,
    /// Epoch under way, from 1; 0 before training.
    pub epoch: u32,
    /// Epochs planned.
    pub epochs: u32,
    /// Steps done.
    pub step: u64,
    /// Steps planned at most.
    pub steps: u64,
    /// Training loss so far in this epoch.
    pub loss: Option<f64>,
    /// Estimate of what is left, seconds.
    pub seconds_left: Option<f64>,
    /// The loss curve so far.
    pub curve: Vec<CurvePoint>,
}

/// Coordinator to one worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    /// The claims hold: start.
    Grant {
        /// One for each claim.
        grants: Vec<Grant>,
    },
    /// It does not: drop the doorbell.
    Refuse {
        /// The claim.
        claim: ClaimId,
        /// Why, for the log.
        reason: String,
    },
    /// Stop this claim at once: its row names another, or someone cancelled it.
    Stop {
        /// The claim.
        claim: ClaimId,
        /// Why, for the log.
        reason: String,
    },
    /// Give this claim back, with a checkpoint: its slot is wanted.
    Release {
        /// The claim.
        claim: ClaimId,
        /// Why, for the history.
        reason: String,
    },
    /// The ends of these claims are recorded: no need to repeat them.
    Recorded {
        /// The claims.
        claims: Vec<ClaimId>,
    },
    /// Finish or give back what you hold, then exit.
    Drain,
}

/// A granted claim, with the whole job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The claim.
    pub claim: Claim,
    /// Counts the attempts of the job, from 1.
    pub number: u32,
    /// What to do.
    pub spec: JobSpec,
    /// Where an earlier attempt left off.
    pub resume: Option<CheckpointRef>,
    /// Batch size instead of the one asked for, after an out-of-memory kill; a new spec, and recorded.
    pub batch_size: Option<u32>,
    /// Stop it after so many seconds, if its history allows such a bound.
    pub timeout: Option<f64>,
    /// Where the attempt is in the job's trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}
