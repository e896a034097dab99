//! What could not be understood: refused, counted, and the newest of it kept for a person to look at.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantNames;

use super::EventBus;
use crate::vocabulary::Timestamp;
use crate::wire::codec::CodecError;

/// How many are kept of each kind; the oldest go first.
pub const KEPT: usize = 100;

/// How many bytes of a body are kept.
const HEAD: usize = 1024;

/// What something that cannot be understood should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LetterKind {
    /// On the queue.
    Doorbell,
    /// In the coordinator's mailbox.
    ToCoordinator,
    /// In a worker's mailbox.
    ToWorker,
    /// In the predictors' mailbox.
    Question,
    /// In the mailbox of a coordinator that asked.
    Answer,
}

impl LetterKind {
    /// The kinds that travel on the bus.
    pub(crate) const OF_THE_BUS: [Self; 4] = [Self::ToCoordinator, Self::ToWorker, Self::Question, Self::Answer];

    /// Its name, as it is kept and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Doorbell => "doorbell",
            Self::ToCoordinator => "to_coordinator",
            Self::ToWorker => "to_worker",
            Self::Question => "question",
            Self::Answer => "answer",
        }
    }
}

impl fmt::Display for LetterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// What it should have been.
    pub kind: LetterKind,
    /// When it was put aside.
    pub at: Timestamp,
    /// Why it cannot be understood.
    pub reason: String,
    /// Bytes it had.
    pub bytes: u64,
    /// Its beginning.
    pub head: Vec<u8>,
}

impl DeadLetter {
    /// A body that was found now.
    pub(crate) fn new(kind: LetterKind, body: &[u8], error: &CodecError) -> Self {
        Self {
            kind,
            at: Timestamp::now(),
            reason: error.to_string(),
            bytes: body.len() as u64,
            head: body[..body.len().min(HEAD)].to_vec(),
        }
    }
}

/// What a port has put aside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetters {
    /// How many there have been of each kind. RabbitMQ counts doorbells up to [`KEPT`].
    pub counted: BTreeMap<LetterKind, u64>,
    /// Those that are kept, newest first.
    pub letters: Vec<DeadLetter>,
}

/// Puts a message of the bus aside. It has been read and will not come again, so a bus that does not take it back only costs a
/// line in the log.
pub async fn set_aside(bus: &dyn EventBus, kind: LetterKind, body: &[u8], error: &CodecError) {
    tracing::warn!(%kind, %error, bytes = body.len(), "a message cannot be understood and is kept as a dead letter");
    if let Err(error) = bus.set_aside(DeadLetter::new(kind, body, error)).await {
        tracing::warn!(%kind, %error, "a dead letter is lost");
    }
}
