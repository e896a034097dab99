//! The dead letters: kept in a queue of their own, and looked at by taking them from it and giving them back.

use std::collections::BTreeMap;

use lapin::options::{BasicGetOptions, BasicPublishOptions};
use lapin::{BasicProperties, Channel};

use super::error::Failure;
use super::publisher::PERSISTENT;
use super::topology::DEAD_LETTERS;
use crate::ports::{DeadLetter, DeadLetters, KEPT, LetterKind};
use crate::vocabulary::Timestamp;
use crate::wire::DoorbellBatch;
use crate::wire::codec::{self, Limits};

/// Keeps a body that is no doorbell.
pub(super) async fn keep(channel: &Channel, body: &[u8]) -> lapin::Result<()> {
    let now = u64::try_from(Timestamp::now().0 / 1_000_000).unwrap_or_default();
    let properties = BasicProperties::default().with_delivery_mode(PERSISTENT).with_timestamp(now);
    let options = BasicPublishOptions::default();
    let _not_confirmed_here = channel.basic_publish("".into(), DEAD_LETTERS.into(), options, body, properties).await?;
    Ok(())
}

/// All there are. The channel is of no use for anything else: closing it gives back what was taken.
pub(super) async fn all(channel: &Channel) -> Result<DeadLetters, Failure> {
    let mut found = DeadLetters::default();
    let mut count = 0;
    while count < KEPT as u64
        && let Some(message) = channel.basic_get(DEAD_LETTERS.into(), BasicGetOptions::default()).await?
    {
        count += 1;
        // Someone may have put a doorbell there by hand.
        if let Err(error) = codec::decode::<DoorbellBatch>(&message.data, Limits::default()) {
            let letter = DeadLetter::new(LetterKind::Doorbell, &message.data, &error);
            found.letters.push(DeadLetter { at: died_at(&message.properties).unwrap_or(letter.at), ..letter });
        }
    }
    channel.close(200, "looked at".into()).await?;
    found.letters.reverse();
    if count > 0 {
        found.counted = BTreeMap::from([(LetterKind::Doorbell, count)]);
    }
    Ok(found)
}

/// When it was put there.
fn died_at(properties: &BasicProperties) -> Option<Timestamp> {
    Some(Timestamp(i64::try_from((*properties.timestamp())?).ok()?.checked_mul(1_000_000)?))
}
