//! The queues: one per pool, and one for what cannot be read.

use lapin::options::QueueDeclareOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ErrorKind};

use super::error::Failure;
use crate::ports::{KEPT, Level};
use crate::vocabulary::Pool;

/// Where bodies go that are no doorbells. Consumers put them there.
pub(super) const DEAD_LETTERS: &str = "refit.unreadable";

/// Where the broker itself puts what expires or is rejected: a queue that does not exist, for an expired doorbell is dropped. It was the
/// queue of dead letters once, and queues that exist cannot be given other arguments.
const NOWHERE: &str = "refit.dead-letters";

/// The queue of a pool.
pub(super) fn name_of(pool: &Pool) -> String {
    format!("refit.{pool}")
}

/// Declares the queue of a pool. Declaring it again is a look whether it is still what it should be.
pub(super) async fn pool(channel: &Channel, pool: &Pool) -> Result<(), Failure> {
    let text = |text: &str| AMQPValue::LongString(text.into());
    let mut arguments = FieldTable::default();
    // Said outright: a virtual host may have another type as its default, and quorum queues have their own idea of priority.
    arguments.insert("x-queue-type".into(), text("classic"));
    arguments.insert("x-max-priority".into(), AMQPValue::LongInt(Level::MAX.get().into()));
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(NOWHERE));
    declare(channel, &name_of(pool), arguments).await
}

/// Declares the queue of dead letters; the oldest go when there are too many.
pub(super) async fn dead_letters(channel: &Channel) -> Result<(), Failure> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("classic".into()));
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(KEPT as i32));
    declare(channel, DEAD_LETTERS, arguments).await
}

async fn declare(channel: &Channel, queue: &str, arguments: FieldTable) -> Result<(), Failure> {
    match channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.kind() {
            ErrorKind::ProtocolError(protocol_error)
                if *protocol_error.kind() == AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) =>
            {
                Failure::Mismatch { queue: queue.to_owned(), reason: protocol_error.get_message().to_string() }
            }
            _ => error.into(),
        }),
    }
}
