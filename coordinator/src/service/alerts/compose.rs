//! News become messages: of each channel what it takes, gathered for a moment, a flood in one. A message and the news it takes are
//! written together.

use std::collections::HashMap;

use common::vocabulary::{MessageId, ModelKey, Timestamp};
use domain::alert::{
    AlertKind, ChannelKind, Gathered, MessageKind, News, NewsKind, Route, SHOWN, Severity, Told, ToldAlert, Traits,
    gather, quiet_until,
};
use domain::schedule::Timing;
use newtype_uuid::GenericUuid as _;
use uuid::Uuid;

use crate::db::alerts::messages::{Body, Message};
use crate::db::alerts::{channels::Channel, news, silences};
use crate::db::{self, Connection, Scope};
use crate::service::error::Result;
use crate::service::runtime::Core;

/// News that are taken at a time.
const AT_ONCE: usize = 20_000;
/// Items that a message to a program names.
const SHOWN_TO_PROGRAMS: usize = 1_000;
/// Alerts that one message hands to a receiver that merges them itself.
const HANDED_ON: usize = 200;

/// Makes the messages that are due.
pub(crate) async fn round(core: &Core) -> Result<()> {
    let now = Timestamp::now();
    let channels = db::alerts::channels::all(&mut *core.db.read().await?).await?;
    let mut made = 0;
    for channel in channels.into_iter().filter(|channel| channel.paused.is_none()) {
        made += compose(core, &channel, now).await?;
    }
    if made > 0 {
        core.messages_changed.notify_one();
    }
    Ok(())
}

/// Makes the messages of one channel, and says how many.
async fn compose(core: &Core, channel: &Channel, now: Timestamp) -> Result<usize> {
    let is_quiet = channel.terms.quiet.is_some_and(|hours| quiet_until(hours, now, channel.terms.zone()).is_some());
    let mut view = core.db.snapshot().await?;
    let after = if is_quiet { channel.taken.max(channel.urgent) } else { channel.taken };
    let entries = db::alerts::news::behind(&mut view, after, now, AT_ONCE).await?;
    let Some(last) = entries.last().map(|entry| entry.id) else { return Ok(0) };
    let oldest = entries.first().map_or(now, |entry| entry.at);
    if !is_time(core, channel, oldest, now) {
        return Ok(0);
    }
    let mut news = taken(&mut view, channel, entries, now).await?;
    drop(view);
    // What is critical does not wait for the end of quiet hours, and is not told again then.
    let is_critical = |news: &News| news.told.severity() == Severity::Critical;
    news.retain(|(id, news)| if is_quiet { is_critical(news) } else { *id > channel.urgent || !is_critical(news) });
    let news = news.into_iter().map(|(_, news)| news).collect();
    let most = core.settings.alerts.merge_from as usize;
    let messages: Vec<Message> =
        bodies(channel, news, most).into_iter().map(|body| message(channel, body, now)).collect();
    let reached = if is_quiet { (channel.taken, last) } else { (last, last) };
    let mut tx = core.db.begin().await?;
    if !db::alerts::channels::advance(&mut tx, channel, reached, now).await? {
        return Ok(0);
    }
    db::alerts::messages::insert(&mut tx, &messages).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(messages.len())
}

/// Whether a channel is told now of news of which the oldest is of then.
fn is_time(core: &Core, channel: &Channel, oldest: Timestamp, now: Timestamp) -> bool {
    match channel.terms.digest {
        None => now.seconds_since(oldest) >= core.settings.alerts.gather.as_secs_f64(),
        Some(time) => {
            let last = channel.told_at.unwrap_or(channel.created_at);
            Timing::Daily { time }.next_after(last, channel.terms.zone()).is_some_and(|due| due <= now)
        }
    }
}

/// Of some news, by their numbers, those that a channel takes.
async fn taken(
    view: &mut Connection,
    channel: &Channel,
    entries: Vec<news::Entry>,
    now: Timestamp,
) -> Result<Vec<(i64, News)>> {
    let ids: Vec<i64> = entries
        .iter()
        .filter_map(|entry| match &entry.subject {
            news::Subject::Alert(id) => Some(*id),
            news::Subject::Training(_) => None,
        })
        .collect();
    let alerts = db::alerts::numbered(view, &ids).await?;
    let alerts: HashMap<i64, db::alerts::Alert> = alerts.into_iter().map(|alert| (alert.id, alert)).collect();
    let told = entries.into_iter().filter_map(|entry| {
        let told = match entry.subject {
            news::Subject::Training(trained) => Told::Training(*trained),
            news::Subject::Alert(id) => Told::Alert(told(alerts.get(&id)?)),
        };
        Some((entry.id, News { kind: entry.kind, told }))
    });
    wanted(view, channel, told.collect(), now).await
}

/// Of some news those that a channel takes, and that nobody has silenced.
pub(super) async fn wanted(
    view: &mut Connection,
    channel: &Channel,
    mut news: Vec<(i64, News)>,
    now: Timestamp,
) -> Result<Vec<(i64, News)>> {
    let silences = db::alerts::silences::all(view).await?;
    news.retain(|(_, news)| !is_silenced(&silences, news, now) && concerns(channel, news));
    let models: Vec<ModelKey> = news.iter().filter_map(|(_, news)| model(&news.told).cloned()).collect();
    let traits = traits(view, &channel.terms.route, models).await?;
    news.retain(|(_, news)| takes(&channel.terms.route, news, &traits));
    Ok(news)
}

/// Whether it is anything to a channel: not that the channel itself fails, nor the end of what began before there was the channel, unless
/// it is told of all that stands open.
fn concerns(channel: &Channel, news: &News) -> bool {
    let Told::Alert(alert) = &news.told else { return true };
    let is_its_own = alert.cause.kind() == AlertKind::ChannelFails && alert.cause.subject() == channel.name.as_str();
    let hears_all = channel.address.kind() == ChannelKind::Alertmanager;
    let is_unheard = news.kind == NewsKind::Resolved && alert.raised_at < channel.created_at && !hears_all;
    !is_its_own && !is_unheard
}

pub(super) fn told(alert: &db::alerts::Alert) -> ToldAlert {
    ToldAlert {
        id: alert.id,
        cause: alert.cause.clone(),
        severity: alert.severity,
        raised_at: alert.raised_at,
        ended_at: alert.ended_at,
    }
}

/// Whether nobody is to be told. That something is over is told to those who have heard of it before the silence.
fn is_silenced(silences: &[silences::Asked], news: &News, now: Timestamp) -> bool {
    let Told::Alert(alert) = &news.told else { return false };
    silences.iter().any(|asked| {
        let heard = news.kind == NewsKind::Resolved && alert.raised_at < asked.created_at;
        !heard && asked.silence.covers(&alert.cause, now)
    })
}

fn model(told: &Told) -> Option<&ModelKey> {
    match told {
        Told::Alert(alert) => alert.cause.model(),
        Told::Training(trained) => Some(trained.model()),
    }
}

/// What is known of the models that news are about, if the route asks.
async fn traits(view: &mut Connection, route: &Route, mut models: Vec<ModelKey>) -> Result<HashMap<ModelKey, Traits>> {
    if route.families.is_empty() && route.tags.is_empty() {
        return Ok(HashMap::new());
    }
    models.sort();
    models.dedup();
    let models = db::models::all(view, Scope::Of(&models)).await?;
    let known = |model: db::models::Model| (model.key, Traits { family: model.hyper.family(), tags: model.tags });
    Ok(models.into_iter().map(known).collect())
}

fn takes(route: &Route, news: &News, traits: &HashMap<ModelKey, Traits>) -> bool {
    let about = model(&news.told).and_then(|model| traits.get(model));
    match &news.told {
        Told::Alert(alert) => route.takes(alert.severity, alert.cause.kind(), about),
        Told::Training(_) => route.takes_training(about),
    }
}

/// What the messages of a channel say.
fn bodies(channel: &Channel, news: Vec<News>, most: usize) -> Vec<Body> {
    let body = |(what, kind, items, count): Gathered| {
        let severity = items.iter().map(Told::severity).max().unwrap_or_default();
        Body { what, kind, severity, items, count, report: None }
    };
    let kind = channel.address.kind();
    match (kind, channel.terms.digest) {
        // It keeps alerts by itself, each of them, and merges what it tells.
        (ChannelKind::Alertmanager, _) => handed_on(news.into_iter().map(|news| news.told)),
        (_, Some(_)) => {
            let gathered: Vec<Gathered> = gather(news, usize::MAX, usize::MAX);
            let items: Vec<Told> = gathered.into_iter().flat_map(|(_, _, items, _)| items).collect();
            let count = items.len() as u64;
            let items = items.into_iter().take(shown(kind)).collect();
            if count == 0 { Vec::new() } else { vec![body((MessageKind::Digest, None, items, count))] }
        }
        (_, None) => gather(news, most, shown(kind)).into_iter().map(body).collect(),
    }
}

/// Items that a message names: people read few, programs all of them.
fn shown(kind: ChannelKind) -> usize {
    match kind {
        ChannelKind::Email | ChannelKind::Slack => SHOWN,
        ChannelKind::Webhook | ChannelKind::Alertmanager => SHOWN_TO_PROGRAMS,
    }
}

/// Alerts as they stand, for somebody who merges them by themselves.
pub(super) fn handed_on(told: impl IntoIterator<Item = Told>) -> Vec<Body> {
    let alerts: Vec<Told> = told.into_iter().filter(|told| matches!(told, Told::Alert(_))).collect();
    let body = |items: &[Told]| Body {
        what: MessageKind::HandedOn,
        kind: None,
        severity: items.iter().map(Told::severity).max().unwrap_or_default(),
        items: items.to_vec(),
        count: items.len() as u64,
        report: None,
    };
    alerts.chunks(HANDED_ON).map(body).collect()
}

/// A message that is due now.
pub(super) fn message(channel: &Channel, body: Body, now: Timestamp) -> Message {
    Message::due(MessageId::from_untyped_uuid(Uuid::now_v7()), &channel.name, body, now)
}
