//! A look at the dead letters: taken from their queue and given back.

use std::collections::BTreeMap;

use lapin::options::BasicGetOptions;
use lapin::types::AMQPValue;
use lapin::{BasicProperties, Channel};

use super::error::Failure;
use super::topology::DEAD_LETTERS;
use crate::ports::{DeadLetter, DeadLetters, KEPT, LetterKind};
use crate::vocabulary::Timestamp;
use crate::wire::Strip;
use crate::wire::codec::{self, Limits};

/// All there are. The channel is of no use for anything else: closing it gives back what was taken.
pub(super) async fn all(channel: &Channel) -> Result<DeadLetters, Failure> {
    let mut found = DeadLetters::default();
    let mut count = 0;
    while count < KEPT as u64
        && let Some(message) = channel.basic_get(DEAD_LETTERS.into(), BasicGetOptions::default()).await?
    {
        count += 1;
        // Someone may have put a doorbell there by hand.
        if let Err(error) = codec::decode::<Strip>(&message.data, Limits::default()) {
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

/// When the broker put it there.
fn died_at(properties: &BasicProperties) -> Option<Timestamp> {
    let AMQPValue::FieldArray(deaths) = properties.headers().as_ref()?.inner().get("x-death")? else { return None };
    let AMQPValue::FieldTable(latest) = deaths.as_slice().first()? else { return None };
    let AMQPValue::Timestamp(seconds) = latest.inner().get("time")? else { return None };
    Some(Timestamp(i64::try_from(*seconds).ok()?.checked_mul(1_000_000)?))
}
