//! The life of a job, as one function: `transition(life, command) -> (life, effects)`. No clock, no IO, no chance: time and
//! jitter come with the command, effects are data that others carry out.
//!
//! ```text
//! queued → dispatched → running → judging → completed | failed | cancelled
//! queued | dispatched → judging          a seal that came late
//! dispatched | running → queued          declined, recalled, unclaimed, failed, lost or given back
//! queued | dispatched | running → cancelled
//! ```

mod cancel;
mod claim;
mod dispatch;
mod failure;
mod seal;
#[cfg(test)]
mod tests;
mod yielding;

use common::vocabulary::{AttemptId, ContentHash, FailureClass, JobState, Timestamp};
use common::wire::{CheckpointRef, Claim};

pub use failure::RetryPolicy;

/// All of a job that its transitions depend on.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// Where it stands.
    pub state: State,
    /// Whether it leaves artifacts: then every attempt that was claimed is decided by its seal.
    pub sealed: bool,
    /// Someone asked to cancel it; the seal decides whether that came in time.
    pub cancelling: bool,
    /// Its worker has been asked to give it back, with a checkpoint; only while it runs.
    pub yielding: bool,
    /// Times it gave way to a more urgent job.
    pub preemptions: u32,
    /// Claims so far.
    pub number: u32,
    /// Attempts burnt by failures of its own.
    pub burnt: u32,
    /// Losses in a row in which the checkpoint did not move on.
    pub idle_losses: u32,
    /// Step of the checkpoint at the last loss.
    pub kept_step: u64,
    /// Where the next attempt goes on from.
    pub checkpoint: Option<CheckpointRef>,
    /// Batch size asked for.
    pub batch_size: u32,
    /// Batch size instead of it, after an out-of-memory kill.
    pub reduced_batch: Option<u32>,
    /// Not to be dispatched before this time.
    pub not_before: Option<Timestamp>,
}

/// Where a job stands, with what belongs to that.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// In the line.
    Queued {
        /// The last attempt, if it was ever claimed and its seal is not known to be ours: it may still finish.
        unsettled: Option<AttemptId>,
    },
    /// Its doorbell is out.
    Dispatched {
        /// The dispatch.
        attempt: AttemptId,
        /// Since when.
        at: Timestamp,
    },
    /// A worker holds it.
    Running {
        /// Who, and which delivery.
        claim: Claim,
    },
    /// Its result is recorded.
    Judging {
        /// The attempt that sealed it.
        attempt: AttemptId,
    },
    /// Ended with an outcome.
    Completed,
    /// Ended without one.
    Failed {
        /// The class of the last failure.
        class: FailureClass,
        /// What went wrong.
        message: String,
    },
    /// Ended because someone asked.
    Cancelled,
}

impl State {
    /// The word it is stored as.
    pub fn word(&self) -> JobState {
        match self {
            Self::Queued { .. } => JobState::Queued,
            Self::Dispatched { .. } => JobState::Dispatched,
            Self::Running { .. } => JobState::Running,
            Self::Judging { .. } => JobState::Judging,
            Self::Completed => JobState::Completed,
            Self::Failed { .. } => JobState::Failed,
            Self::Cancelled => JobState::Cancelled,
        }
    }
}

/// What happens to a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Let it leave the line as this attempt. Without `attempt.unsettled`: settle that one first.
    Dispatch {
        /// The fresh attempt.
        attempt: AttemptId,
    },
    /// Its doorbell has not been answered though slots are free: ring again, as this attempt.
    Redispatch {
        /// The fresh attempt.
        attempt: AttemptId,
    },
    /// A worker asks for it.
    Claim(Claim),
    /// A worker got the doorbell and cannot start it, or gave its claim up before it heard of the grant.
    Decline(Claim),
    /// Its pool or its model was paused before anybody claimed it: back into the line.
    Recall {
        /// The dispatch that is taken back.
        attempt: AttemptId,
    },
    /// Its slot is wanted: its worker shall give it back, with a checkpoint.
    Yield {
        /// The claim that holds the slot.
        claim: Claim,
        /// For a more urgent job: counted, and bounded by whoever asks.
        preempted: bool,
        /// Why, in words.
        reason: String,
    },
    /// A claim ended without a result.
    Fail {
        /// The claim.
        claim: Claim,
        /// The class decides what follows.
        class: FailureClass,
        /// What went wrong.
        message: String,
        /// The newest checkpoint there is.
        checkpoint: Option<CheckpointRef>,
        /// In 0..1, drawn by the caller: spreads retries.
        jitter: f64,
    },
    /// A claim of a job without artifacts is done.
    Finish(Claim),
    /// The attempt's seal is a result.
    Sealed {
        /// The attempt.
        attempt: AttemptId,
        /// Hash of the manifest it names.
        manifest: ContentHash,
    },
    /// The attempt's seal is ours: whatever comes of it does not count.
    Revoked {
        /// The attempt.
        attempt: AttemptId,
    },
    /// The attempt sealed something that cannot be used.
    Unusable {
        /// The attempt.
        attempt: AttemptId,
        /// What is wrong with it.
        message: String,
        /// In 0..1, drawn by the caller.
        jitter: f64,
    },
    /// The gate has spoken.
    Judge,
    /// Someone asks to cancel it.
    Cancel,
}

/// What is to be done because of a transition.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Publish the doorbell of this attempt.
    Ring {
        /// The attempt.
        attempt: AttemptId,
    },
    /// Tell the worker to start, with the whole job.
    Grant {
        /// The claim.
        claim: Claim,
    },
    /// Tell the worker to stop at once.
    Stop {
        /// The claim.
        claim: Claim,
        /// Why.
        reason: &'static str,
    },
    /// Ask the worker to give the claim back, with a checkpoint.
    Release {
        /// The claim.
        claim: Claim,
        /// Why.
        reason: String,
    },
    /// Write our seal over this attempt, and come back with [`Command::Revoked`] or [`Command::Sealed`].
    Revoke {
        /// The attempt.
        attempt: AttemptId,
    },
    /// Record the version this attempt left.
    Record {
        /// The attempt.
        attempt: AttemptId,
        /// Hash of its manifest.
        manifest: ContentHash,
    },
}

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The job is not where this command applies.
    #[error("the job is {0}")]
    NotNow(JobState),
    /// The command speaks of another attempt or claim than the row.
    #[error("the job is held by another claim")]
    Stale,
    /// An earlier attempt may still finish: its seal must be settled first.
    #[error("attempt {0} is not settled yet")]
    Unsettled(AttemptId),
    /// Its time has not come.
    #[error("it waits until {0}")]
    TooEarly(Timestamp),
    /// Its worker has no device such as the job needs.
    #[error("the job needs another device")]
    Unsuited,
    /// It is being cancelled.
    #[error("it is being cancelled")]
    Cancelling,
    /// Its worker has been asked already.
    #[error("it is being given back")]
    Yielding,
}

/// A transition: the job's life after it, and what is to be done.
pub type Transition = Result<(Life, Vec<Effect>), Rejected>;

/// What a command does to a job.
///
/// # Errors
/// [`Rejected`]: nothing changes.
pub fn transition(life: &Life, command: &Command, policy: &RetryPolicy, now: Timestamp) -> Transition {
    match command {
        Command::Dispatch { attempt } => dispatch::dispatch(life, *attempt, policy, now),
        Command::Redispatch { attempt } => dispatch::redispatch(life, *attempt, policy, now),
        Command::Claim(claim) => claim::claim(life, *claim),
        Command::Decline(claim) => yielding::decline(life, *claim),
        Command::Fail { claim, class, message, checkpoint, jitter } => {
            failure::fail(life, *claim, *class, message, checkpoint.as_ref(), policy, now, *jitter)
        }
        Command::Finish(claim) => claim::finish(life, *claim),
        Command::Sealed { attempt, manifest } => seal::sealed(life, *attempt, *manifest),
        Command::Revoked { attempt } => seal::revoked(life, *attempt, policy),
        Command::Unusable { attempt, message, jitter } => {
            failure::unusable(life, *attempt, message, policy, now, *jitter)
        }
        Command::Recall { attempt } => yielding::recall(life, *attempt),
        Command::Yield { claim, preempted, reason } => yielding::give_back(life, *claim, *preempted, reason),
        Command::Judge => seal::judge(life),
        Command::Cancel => cancel::cancel(life),
    }
}

impl Life {
    /// A job that has just entered the line.
    pub fn new(sealed: bool, batch_size: u32) -> Self {
        Self {
            state: State::Queued { unsettled: None },
            sealed,
            cancelling: false,
            yielding: false,
            preemptions: 0,
            number: 0,
            burnt: 0,
            idle_losses: 0,
            kept_step: 0,
            checkpoint: None,
            batch_size,
            reduced_batch: None,
            not_before: None,
        }
    }

    /// This life in another state.
    fn with_state(&self, state: State) -> Self {
        let yielding = self.yielding && matches!(state, State::Running { .. });
        Self { state, yielding, ..self.clone() }
    }

    fn not_now<T>(&self) -> Result<T, Rejected> {
        Err(Rejected::NotNow(self.state.word()))
    }
}
