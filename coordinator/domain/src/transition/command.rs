//! What happens to a job, and what is to be done because of it.

use common::vocabulary::{AttemptId, ContentHash, FailureClass, JobState, Timestamp};
use common::wire::{CheckpointRef, Claim};

use crate::job_reason::JobReason;

/// What happens to a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Let it leave the backlog as this attempt. Without `attempt.unsettled`: settle that one first.
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
    /// A worker cannot understand what it was granted, as that of a later release: another may.
    TurnDown {
        /// The claim it will not start.
        claim: Claim,
        /// What it does not understand, in words.
        reason: String,
    },
    /// Its pool or its model was paused before anybody claimed it: back into the backlog.
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
        /// What the job then says of itself.
        reason: JobReason,
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
        /// What its worker is told.
        reason: &'static str,
    },
    /// Ask the worker to give the claim back, with a checkpoint.
    Release {
        /// The claim.
        claim: Claim,
        /// What its worker is told.
        reason: JobReason,
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
