//! Where the system ends and the outside begins. Each port has one conformance suite for all its implementations, and the
//! implementation is chosen by the scheme of a URL.

mod bus;
mod dead_letter;
mod error;
mod queue;
mod store;

pub use bus::{Cursor, EventBus, Key, MESSAGES_KEPT, Mailbox, Posted, Taken};
pub use dead_letter::{DeadLetter, DeadLetters, KEPT, LetterKind, set_aside};
pub use error::PortError;
pub use queue::{Consumer, Delivery, JobQueue, Level};
pub use store::{ArtifactStore, Created, Pieces, StoreEntry, StoreKey};
