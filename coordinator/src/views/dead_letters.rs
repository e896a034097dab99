//! Dead letters.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common::ports::DeadLetter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schemas;

/// Messages that nobody could understand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeadLettersView {
    /// How many there have been of each kind; RabbitMQ counts doorbells up to 100.
    pub counted: BTreeMap<String, u64>,
    /// The newest 100 of each kind, newest first.
    pub letters: Vec<DeadLetterView>,
}

/// A message that nobody could understand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetterView {
    /// What it should have been.
    #[schema(value_type = schemas::LetterKind)]
    pub kind: String,
    /// When it was put aside.
    pub at: DateTime<Utc>,
    /// Why it cannot be understood.
    pub reason: String,
    /// Bytes it had.
    pub bytes: u64,
    /// Its first bytes, at most 1,024: those that can be printed as they are, the others as `\xNN`.
    pub head: String,
}

impl From<DeadLetter> for DeadLetterView {
    fn from(letter: DeadLetter) -> Self {
        let DeadLetter { kind, at, reason, bytes, head } = letter;
        Self { kind: kind.to_string(), at: at.utc(), reason, bytes, head: head.escape_ascii().to_string() }
    }
}
