//! Messages are delivered: each channel by itself, its oldest message first. What does not get there is tried again, later and later.

use std::time::Duration;

use common::vocabulary::Timestamp;
use futures::future::join_all;
use tokio::time::timeout;

use super::channels::{self, Outgoing};
use crate::db::{
    self,
    alerts::{channels::Channel, messages::Message},
};
use crate::service::error::Result;
use crate::service::runtime::Core;

/// Messages that a channel gets in one round.
const AT_ONCE: usize = 20;
/// A receiver that takes longer has not got it.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// So much is kept of why one did not get there.
const LONGEST_REASON: usize = 500;
/// Between the first try and the second; then longer each time.
const FIRST_REST: f64 = 5.0;
/// But no longer than this.
const LONGEST_REST: f64 = 3600.0;

/// Delivers what is due.
pub(crate) async fn round(core: &Core) -> Result<()> {
    let now = Timestamp::now();
    let channels = db::alerts::channels::all(&mut *core.db.read().await?).await?;
    let open = channels.into_iter().filter(|channel| channel.paused.is_none());
    // A receiver that hangs is in nobody else's way.
    let delivered = join_all(open.map(|channel| async move { deliver(core, &channel, now).await })).await;
    delivered.into_iter().collect()
}

async fn deliver(core: &Core, channel: &Channel, now: Timestamp) -> Result<()> {
    let due = db::alerts::messages::due(&mut *core.db.read().await?, &channel.name, now, AT_ONCE).await?;
    for message in due {
        if !attempt(core, channel, message).await? {
            break;
        }
    }
    Ok(())
}

/// Tries to deliver a message. `false`: the channel cannot be reached, and what else waits for it waits on.
async fn attempt(core: &Core, channel: &Channel, message: Message) -> Result<bool> {
    let mut message = tried(core, channel, message).await;
    let now = Timestamp::now();
    let age = now.seconds_since(message.created_at);
    let given_up = message.sent_at.is_none() && age > core.settings.alerts.deliver_within.as_secs_f64();
    let rests = message.sent_at.is_none() && !given_up;
    message.due_at = rests.then(|| now.plus_seconds(rest(message.tries)));
    if given_up {
        tracing::error!(channel = %channel.name, message = %message.id, tries = message.tries, "a message is given up");
    }
    let mut tx = core.db.begin().await?;
    db::alerts::messages::save(&mut tx, &message).await?;
    if let Some(due) = message.due_at {
        db::alerts::messages::postpone(&mut tx, &channel.name, due).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(message.sent_at.is_some())
}

/// Tries once, and writes down what came of it.
pub(super) async fn once(core: &Core, channel: &Channel, message: Message) -> Result<Message> {
    let message = tried(core, channel, message).await;
    let mut tx = core.db.begin().await?;
    db::alerts::messages::save(&mut tx, &message).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(message)
}

async fn tried(core: &Core, channel: &Channel, mut message: Message) -> Message {
    let outgoing = Outgoing::of(channel, &message);
    let sent = timeout(TIME_LIMIT, channels::send(core, &channel.address, &outgoing)).await;
    message.tries += 1;
    match sent.unwrap_or_else(|_| Err(format!("no answer within {} s", TIME_LIMIT.as_secs()))) {
        Ok(()) => (message.sent_at, message.error) = (Some(Timestamp::now()), None),
        Err(reason) => {
            tracing::warn!(channel = %channel.name, message = %message.id, tries = message.tries, reason, "not delivered");
            message.error = Some(reason.chars().take(LONGEST_REASON).collect());
        }
    }
    message
}

/// Seconds until the next try.
fn rest(tries: u32) -> f64 {
    let rest = FIRST_REST * 4f64.powi(tries.saturating_sub(1).min(10).cast_signed());
    rest.min(LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_later_and_later_and_never_too_late() {
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 99].map(rest), [5.0, 20.0, 80.0, 320.0, 1280.0, 3600.0, 3600.0, 3600.0]);
    }
}
