//! Messages are delivered: each channel by itself, oldest first. What does not get there is tried again, later and later, and whatever is
//! about the same alert waits behind it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use common::vocabulary::Timestamp;
use domain::alert::{ChannelKind, ChannelName, Told};
use domain::report::{ReportFormat, ReportName};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::channels::{self, Attached, Outgoing};
use super::stand;
use crate::db::{
    self,
    alerts::{channels::Channel, messages::Message},
};
use crate::service::error::Result;
use crate::service::reports;
use crate::service::runtime::Core;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::state::TaskName;

/// Messages of a channel that are looked at in one round.
const AT_ONCE: usize = 200;
/// A receiver that takes longer has not got it.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// So much is kept of why one did not get there.
const LONGEST_REASON: usize = 500;
/// Between the first try and the second; then longer each time.
const FIRST_REST: f64 = 5.0;
/// But no longer than this.
const LONGEST_REST: f64 = 3600.0;
/// How often it is looked whether there is anything to deliver.
const LOOK: Duration = Duration::from_secs(2);
/// How often a receiver that forgets is told of all that stands open.
const REMIND: Duration = Duration::from_mins(5);

/// Delivers, while this coordinator leads. A receiver that hangs holds up no other.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    under_way: HashMap<ChannelName, AbortOnDropHandle<()>>,
    reminded: HashMap<ChannelName, Instant>,
}

#[async_trait]
impl Task for Deliveries {
    fn name(&self) -> TaskName {
        TaskName::DeliverMessages
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::Woken(|core| &core.messages_changed, Some(LOOK))
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        self.under_way.retain(|_, delivery| !delivery.is_finished());
        let channels = db::alerts::channels::all(&mut *core.db.read().await?).await?;
        for channel in channels.into_iter().filter(|channel| channel.paused.is_none()) {
            if self.under_way.contains_key(&channel.name) {
                continue;
            }
            let (name, core, reminds) = (channel.name.clone(), core.clone(), self.reminds(&channel));
            let delivery = tokio::spawn(async move {
                if let Err(error) = deliver(&core, &channel, reminds).await {
                    tracing::warn!(channel = %channel.name, %error, "messages will be looked at again");
                }
            });
            self.under_way.insert(name, AbortOnDropHandle::new(delivery));
        }
        Ok(())
    }
}

impl Deliveries {
    /// Whether it is time to tell a channel of all that stands open.
    fn reminds(&mut self, channel: &Channel) -> bool {
        let forgets = channel.address.kind() == ChannelKind::Alertmanager;
        let due = self.reminded.get(&channel.name).is_none_or(|last| last.elapsed() >= REMIND);
        if forgets && due {
            self.reminded.insert(channel.name.clone(), Instant::now());
        }
        forgets && due
    }
}

async fn deliver(core: &Core, channel: &Channel, reminds: bool) -> Result<()> {
    let waiting = db::alerts::messages::waiting_for(&mut *core.db.read().await?, &channel.name, AT_ONCE).await?;
    let now = Timestamp::now();
    let mut held = HashSet::new();
    for message in waiting {
        let alerts: Vec<i64> = message.body.items.iter().filter_map(alert).collect();
        let waits = message.due_at.is_some_and(|due| due > now) || alerts.iter().any(|alert| held.contains(alert));
        if waits || !attempt(core, channel, message).await? {
            held.extend(alerts);
        }
    }
    if reminds && held.is_empty() {
        remind(core, channel).await?;
    }
    Ok(())
}

fn alert(told: &Told) -> Option<i64> {
    match told {
        Told::Alert(alert) => Some(alert.id),
        Told::Training(_) => None,
    }
}

/// Tries to deliver a message; says whether it has got there. Once one has, the others are not waited with.
async fn attempt(core: &Core, channel: &Channel, message: Message) -> Result<bool> {
    let had_failed = message.tries > 0;
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
    if message.sent_at.is_some() && had_failed {
        db::alerts::messages::hurry(&mut tx, &channel.name, now).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(message.sent_at.is_some())
}

/// Tells of all that stands open, and writes nothing down: it is told again.
async fn remind(core: &Core, channel: &Channel) -> Result<()> {
    for message in stand::handed_on(core, channel).await? {
        let told = tried(core, channel, message).await;
        if told.sent_at.is_none() {
            break;
        }
    }
    Ok(())
}

/// Tries a message, and says what came of it.
pub(super) async fn tried(core: &Core, channel: &Channel, mut message: Message) -> Message {
    let sent = timeout(TIME_LIMIT, send(core, channel, &message)).await;
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

async fn send(core: &Core, channel: &Channel, message: &Message) -> std::result::Result<(), String> {
    let report = match &message.body.report {
        Some(name) => Some(attached(core, channel, name).await.map_err(|error| format!("report {name}: {error}"))?),
        None => None,
    };
    channels::send(core, &channel.address, &Outgoing::of(channel, message, report)).await
}

/// A report in the language of a channel.
async fn attached(core: &Core, channel: &Channel, name: &ReportName) -> Result<Attached> {
    let read = async |format| -> Result<String> {
        let body = reports::read(core, name, channel.language, format).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    };
    let (text, html) = (read(ReportFormat::Text).await?, read(ReportFormat::Html).await?);
    Ok(Attached { name: name.clone(), text, html })
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
