//! Where a job stands, and all of it that its transitions depend on.

use common::vocabulary::{AttemptId, FailureClass, JobState, Timestamp};
use common::wire::{CheckpointRef, Claim};

use super::command::{Effect, Rejected};

/// All of a job that its transitions depend on.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifecycle {
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
    /// In the backlog.
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

/// A transition: the job's lifecycle after it, and what is to be done.
pub type Transition = Result<(Lifecycle, Vec<Effect>), Rejected>;

impl Lifecycle {
    /// A job that has just entered the backlog.
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

    /// This lifecycle in another state.
    pub(super) fn with_state(&self, state: State) -> Self {
        let yielding = self.yielding && matches!(state, State::Running { .. });
        Self { state, yielding, ..self.clone() }
    }

    /// A command does not apply where it is.
    pub(super) fn not_now<T>(&self) -> Result<T, Rejected> {
        Err(Rejected::NotNow(self.state.word()))
    }
}
