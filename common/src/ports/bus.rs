//! The bus: mailboxes for messages, keys for newest values. Nothing in it is the only copy of anything.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{DeadLetter, DeadLetters, PortError};
use crate::vocabulary::{CoordinatorId, WorkerId};

/// Who a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mailbox {
    /// Whoever leads.
    Coordinator,
    /// One incarnation of a worker.
    Worker(WorkerId),
    /// The predictors, of any worker: each message is taken by one of them.
    Predictors,
    /// One incarnation of a coordinator: answers to what it asked the predictors.
    Answers(CoordinatorId),
}

/// Messages older than this are dropped: whoever listens has heard them, or has them repeated.
pub const MESSAGES_KEPT: Duration = Duration::from_secs(120);

/// A position in a mailbox: everything up to it has been read. Grows; meaningless to compare between mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor(pub u64);

/// A message in a mailbox.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Its position.
    pub cursor: Cursor,
    /// What it says (see [`crate::wire::codec`]).
    pub body: Bytes,
}

/// A message that was taken out of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it says (see [`crate::wire::codec`]).
    pub body: Bytes,
    /// How long it lay there, by the bus's own clock: deadlines in it are that much nearer.
    pub age: Duration,
}

/// A name under which the newest value is kept, such as `forecast/AAPL`.
pub type Key = str;

/// Carries messages and newest values. May vanish at any moment with all it holds.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Appends a message to a mailbox. Messages older than [`MESSAGES_KEPT`] are dropped, and sooner where many are posted.
    async fn post(&self, to: Mailbox, body: Bytes) -> Result<(), PortError>;

    /// Messages after `after`, oldest first, at most `max`; waits up to `wait` for the first. Empty when none came.
    async fn read(&self, from: Mailbox, after: Cursor, max: usize, wait: Duration) -> Result<Vec<Posted>, PortError>;

    /// The newest position in a mailbox: reading from here sees only what comes later.
    async fn tail(&self, of: Mailbox) -> Result<Cursor, PortError>;

    /// Takes the oldest message out of a mailbox for this reader alone; waits up to `wait`.
    async fn take(&self, from: Mailbox, wait: Duration) -> Result<Option<Taken>, PortError>;

    /// Keeps a value under a name for `ttl`.
    async fn put(&self, key: &Key, value: Bytes, ttl: Duration) -> Result<(), PortError>;

    /// The value under a name, if it is there and has not expired.
    async fn get(&self, key: &Key) -> Result<Option<Bytes>, PortError>;

    /// Keeps what cannot be understood, in the place of the oldest of its kind if there are too many.
    async fn set_aside(&self, letter: DeadLetter) -> Result<(), PortError>;

    /// What was put aside here.
    async fn dead_letters(&self) -> Result<DeadLetters, PortError>;

    /// Whether the bus takes what is written and gives it back: leases stand still while it does not. One that answers and takes
    /// nothing (full, read-only, failed over) is not there.
    async fn probe(&self) -> Result<(), PortError>;
}
