//! Jobs: kinds, modes, states and the ways they fail.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::InvalidKey;
use super::model::words;

words! {
    /// What a job does.
    JobKind ("job kind") {
        /// Train a model and evaluate it.
        Train = "train",
        /// Fit with hyper-parameters that are searched for; nothing of it is kept but figures.
        Trial = "trial",
        /// Score versions again on given rows.
        Evaluate = "evaluate",
        /// Score live versions on the rows that have come since.
        Monitor = "monitor",
        /// Predict for many rows.
        Predict = "predict",
        /// Nothing: measures the way there and back.
        Probe = "probe",
    }
}

words! {
    /// How a model is trained.
    Mode ("training mode") {
        /// From scratch, on all rows.
        Complete = "complete",
        /// From the live version, on new and replayed rows.
        Incremental = "incremental",
        /// From scratch with fewer epochs; marked as such.
        Quick = "quick",
    }
}

words! {
    /// Where a job stands in its lifecycle.
    JobState ("job state") {
        /// In the backlog.
        Queued = "queued",
        /// Its doorbell is out; nobody has claimed it yet.
        Dispatched = "dispatched",
        /// A worker holds it.
        Running = "running",
        /// Its result is recorded and being judged.
        Judging = "judging",
        /// Ended with a recorded outcome.
        Completed = "completed",
        /// Ended without one.
        Failed = "failed",
        /// Ended because someone asked.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// Whether nothing more will happen to a job in this state.
    pub fn is_ended(self) -> bool {
        match self {
            Self::Completed | Self::Failed | Self::Cancelled => true,
            Self::Queued | Self::Dispatched | Self::Running | Self::Judging => false,
        }
    }
}

words! {
    /// Why an attempt ended without a result.
    FailureClass ("failure class") {
        /// The data does not allow a training; trying the same again would not help.
        Data = "data",
        /// A file it needs is missing from the store, or is not what its hash says: that says nothing of the rows, and may be mended.
        Damaged = "damaged",
        /// A panic or an error of the training.
        Code = "code",
        /// The process died of SIGSEGV, SIGABRT or the like.
        Crash = "crash",
        /// Killed for memory, or the allocator said no.
        OutOfMemory = "out_of_memory",
        /// Ran longer than its history allows.
        Timeout = "timeout",
        /// Made no progress.
        Stall = "stall",
        /// The worker or its supervisor is gone.
        Lost = "lost",
        /// Given back by a drain or a preemption.
        Released = "released",
        /// Stopped because someone asked.
        Cancelled = "cancelled",
    }
}

/// The name of a group of workers, such as `cpu`, `gpu` or `gpu-80g`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pool(String);

impl Pool {
    /// The pool every installation has.
    pub fn cpu() -> Self {
        Self("cpu".into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Pool {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for Pool {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidKey {
                text: text.chars().take(80).collect(),
                what: "pool name",
                rule: "lower-case letters, digits and '-' only, 1 to 32 of them",
            })
        }
    }
}

impl From<Pool> for String {
    fn from(pool: Pool) -> Self {
        pool.0
    }
}
