//! Channels are made, changed, paused, tried and deleted; their messages are looked at.

use std::str::FromStr;

use common::settings::Alerts;
use common::vocabulary::{InvalidHours, MessageId, Timestamp};
use domain::alert::{Address, ChannelKind, ChannelName, MessageKind, Severity, Terms};
use domain::free_text::{plain, plain_if_any};
use domain::schedule::Task;

use super::{channels, compose, deliver, show};
use crate::db::alerts::channels::Channel;
use crate::db::alerts::messages::{Body, Message};
use crate::db::{self, Connection, pauses::Pause};
use crate::service::error::{Error, Result};
use crate::service::runtime::Refit;
use crate::service::runtime::pages::PageRequest;
use crate::views::{ChannelRequest, ChannelView, MessageView, NewChannelView, Page, PageQuery, PauseRequest};
use crate::wording::Language;

/// Most addresses of one channel.
const MOST_ADDRESSES: usize = 50;
/// Longest token of a receiver, bytes.
const MOST_TOKEN: usize = 4096;
/// Most values of one filter.
const MOST_VALUES: usize = 100;

impl Refit {
    /// The channels there are, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn channels(&self) -> Result<Vec<ChannelView>> {
        let mut view = self.core.db.snapshot().await?;
        let mut shown = Vec::new();
        for channel in db::alerts::channels::all(&mut view).await? {
            shown.push(with_messages(&mut view, channel).await?);
        }
        Ok(shown)
    }

    /// One channel.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn channel(&self, name: &str) -> Result<ChannelView> {
        let mut view = self.core.db.snapshot().await?;
        let channel = find(&mut view, name).await?;
        with_messages(&mut view, channel).await
    }

    /// Makes a channel, or changes it. What is left out stays as it is. A new one is told what happens from now on.
    ///
    /// # Errors
    /// It leads nowhere, or where nothing may be told; something makes no sense.
    pub async fn put_channel(&self, name: &str, request: ChannelRequest) -> Result<NewChannelView> {
        let name: ChannelName = name.parse()?;
        let now = Timestamp::now();
        let mut tx = self.core.db.begin().await?;
        let before = db::alerts::channels::get(&mut tx, &name).await?;
        let taken = match &before {
            Some(before) => before.taken,
            None => db::alerts::news::newest(&mut tx).await?,
        };
        let (address, secret) = address(&self.core.settings.alerts, &request, before.as_ref().map(|c| &c.address))?;
        let language = match &request.language {
            Some(text) => text.parse::<Language>().map_err(|error| Error::invalid(error.to_string()))?,
            None => before.as_ref().map(|before| before.language).unwrap_or_default(),
        };
        let channel = Channel {
            name,
            address,
            terms: terms(request, before.as_ref().map(|before| before.terms.clone()).unwrap_or_default())?,
            language,
            created_at: before.as_ref().map_or(now, |before| before.created_at),
            changed_at: now,
            paused: before.as_ref().and_then(|before| before.paused.clone()),
            taken,
            urgent: before.as_ref().map_or(taken, |before| before.urgent),
            told_at: before.and_then(|before| before.told_at),
        };
        db::alerts::channels::put(&mut tx, &channel).await?;
        // What waits for it may get there now.
        db::alerts::messages::hurry(&mut tx, &channel.name, now).await?;
        let about = with_messages(&mut tx, channel).await?;
        tx.commit().await.map_err(db::Error::from)?;
        self.core.messages_changed.notify_one();
        Ok(NewChannelView { secret, about })
    }

    /// Takes a channel away, with its messages.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn delete_channel(&self, name: &str) -> Result<ChannelView> {
        let mut tx = self.core.db.begin().await?;
        let channel = find(&mut tx, name).await?;
        let shown = with_messages(&mut tx, channel.clone()).await?;
        if let Some(schedule) = db::schedules::all(&mut tx).await?.iter().find(|one| sends_to(&one.task, &channel.name))
        {
            let schedule = &schedule.name;
            return Err(Error::refused(format!(
                "schedule {schedule} sends reports to {name}: `refit schedules edit {schedule} --no-send`, or with --send to others"
            )));
        }
        db::alerts::channels::delete(&mut tx, &channel.name).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(shown)
    }

    /// Tells a channel nothing until it is resumed; what happens meanwhile waits.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn pause_channel(&self, name: &str, request: PauseRequest) -> Result<ChannelView> {
        plain_if_any("reason", request.reason.as_deref())?;
        let reason = request.reason.unwrap_or_default();
        self.set_paused(name, Some(Pause { at: Timestamp::now(), reason })).await
    }

    /// Tells a channel again, also what has happened meanwhile.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn resume_channel(&self, name: &str) -> Result<ChannelView> {
        self.set_paused(name, None).await
    }

    async fn set_paused(&self, name: &str, paused: Option<Pause>) -> Result<ChannelView> {
        let mut tx = self.core.db.begin().await?;
        let channel = Channel { paused, ..find(&mut tx, name).await? };
        db::alerts::channels::put(&mut tx, &channel).await?;
        if channel.paused.is_none() {
            db::alerts::messages::hurry(&mut tx, &channel.name, Timestamp::now()).await?;
        }
        let shown = with_messages(&mut tx, channel).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(shown)
    }

    /// Sends a message to a channel now that says that it works, and says whether it did.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn test_channel(&self, name: &str) -> Result<MessageView> {
        let core = &self.core;
        let channel = find(&mut *core.db.read().await?, name).await?;
        let (what, severity) = (MessageKind::Test, Severity::Info);
        let body = Body { what, kind: None, severity, items: Vec::new(), count: 0, report: None };
        // Nobody keeps it, nor tries it again: somebody waits for the answer.
        let message = Message { due_at: None, ..compose::message(&channel, body, Timestamp::now()) };
        let message = deliver::tried(core, &channel, message).await;
        if message.sent_at.is_some() {
            let mut tx = core.db.begin().await?;
            db::alerts::messages::hurry(&mut tx, &channel.name, Timestamp::now()).await?;
            tx.commit().await.map_err(db::Error::from)?;
            core.messages_changed.notify_one();
        }
        Ok(show::message(message))
    }

    /// A page of the messages to a channel, or to all, newest first.
    ///
    /// # Errors
    /// There is no such channel; the cursor or the limit makes no sense.
    pub async fn messages(&self, channel: Option<&str>, query: PageQuery) -> Result<Page<MessageView>> {
        let mut view = self.core.db.snapshot().await?;
        let channel = match channel {
            Some(name) => Some(find(&mut view, name).await?.name),
            None => None,
        };
        let list = format!("messages {}", channel.as_ref().map_or("", ChannelName::as_str));
        let asked: PageRequest<MessageId> = PageRequest::new(list, query.limit, query.cursor.as_deref())?;
        let found = db::pages::alerts::messages(&mut view, channel.as_ref(), asked.after, asked.rows()).await?;
        Ok(asked.page(found, |message| message.id)?.map(show::message))
    }
}

async fn with_messages(view: &mut Connection, channel: Channel) -> Result<ChannelView> {
    let waiting = db::alerts::messages::waiting(view, &channel.name, Timestamp::now().plus_days(-1.0)).await?;
    Ok(show::channel(channel, waiting))
}

/// Whether a task sends something to a channel.
fn sends_to(task: &Task, channel: &ChannelName) -> bool {
    match task {
        Task::Report { parameters } => parameters.channels.contains(channel),
        Task::HealthCheck { .. }
        | Task::Evaluate { .. }
        | Task::Retrain { .. }
        | Task::Backup { .. }
        | Task::Cleanup => false,
    }
}

async fn find(view: &mut Connection, name: &str) -> Result<Channel> {
    db::alerts::channels::get(view, &name.parse()?).await?.ok_or_else(|| Error::NotFound {
        what: format!("channel {name}"),
        hint: Some("`refit alerts channels` shows those there are".into()),
    })
}

/// Where a channel leads now; with the key of a new webhook, to be shown this once.
fn address(settings: &Alerts, request: &ChannelRequest, before: Option<&Address>) -> Result<(Address, Option<String>)> {
    let kind = match (request.kind, before.map(Address::kind)) {
        (Some(kind), Some(is)) if kind != is => {
            return Err(Error::refused(format!("this channel is {is}: make another one for {kind}")));
        }
        (Some(kind), _) | (None, Some(kind)) => kind,
        (None, None) => return Err(Error::invalid("say what the channel is: email, slack, webhook or alertmanager")),
    };
    if kind == ChannelKind::Email {
        return Ok((email(settings, request, before)?, None));
    }
    if request.to.is_some() {
        return Err(Error::invalid("to is of e-mail: name a url"));
    }
    let known = match before {
        Some(Address::Slack { url } | Address::Webhook { url, .. } | Address::Alertmanager { url, .. }) => Some(url),
        Some(Address::Email { .. }) | None => None,
    };
    let url = request.url.as_ref().or(known).ok_or_else(|| Error::invalid("name the url that it leads to"))?;
    if let Some(flaw) = channels::flaw(settings, url) {
        return Err(Error::invalid(format!("url: {flaw}")));
    }
    let url = url.clone();
    let odd = |token: &String| token.len() > MOST_TOKEN || token.chars().any(|c| c.is_control() || c.is_whitespace());
    if request.token.as_ref().is_some_and(odd) {
        return Err(Error::invalid(format!("token is one word of at most {MOST_TOKEN} bytes")));
    }
    if request.token.is_some() && kind != ChannelKind::Alertmanager {
        return Err(Error::invalid("token is of Alertmanager"));
    }
    Ok(match (kind, before) {
        (ChannelKind::Webhook, Some(Address::Webhook { secret, .. })) => {
            (Address::Webhook { url, secret: secret.clone() }, None)
        }
        (ChannelKind::Webhook, _) => {
            let secret = channels::new_secret()?;
            (Address::Webhook { url, secret: secret.clone() }, Some(secret))
        }
        (ChannelKind::Alertmanager, before) => {
            let known = before.and_then(|before| match before {
                Address::Alertmanager { token, .. } => token.clone(),
                Address::Email { .. } | Address::Slack { .. } | Address::Webhook { .. } => None,
            });
            (Address::Alertmanager { url, token: said(request.token.clone(), known) }, None)
        }
        (ChannelKind::Slack | ChannelKind::Email, _) => (Address::Slack { url }, None),
    })
}

fn email(settings: &Alerts, request: &ChannelRequest, before: Option<&Address>) -> Result<Address> {
    if request.url.is_some() || request.token.is_some() {
        return Err(Error::invalid("url and token are not of e-mail: name to whom, with to"));
    }
    if settings.smtp().is_none() {
        return Err(Error::refused("no server is named that takes e-mail: set alerts.smtp and alerts.sender"));
    }
    let to = match (&request.to, before) {
        (Some(to), _) => to.clone(),
        (None, Some(Address::Email { to })) => to.clone(),
        (None, _) => Vec::new(),
    };
    if !(1..=MOST_ADDRESSES).contains(&to.len()) {
        return Err(Error::invalid(format!("name 1 to {MOST_ADDRESSES} addresses that it goes to, with to")));
    }
    for address in &to {
        channels::mailbox(address).map_err(Error::invalid)?;
    }
    Ok(Address::Email { to })
}

/// What is said now, or was before; an empty text takes it back.
fn said(now: Option<String>, before: Option<String>) -> Option<String> {
    now.or(before).filter(|text| !text.is_empty())
}

/// What a channel is told, and when.
fn terms(request: ChannelRequest, before: Terms) -> Result<Terms> {
    let mut terms = before;
    let too_many = |count: usize| count > MOST_VALUES;
    if let Some(families) = request.families {
        terms.route.families = families.iter().map(|family| Ok(family.parse()?)).collect::<Result<_>>()?;
    }
    if let Some(tags) = request.tags {
        tags.iter().try_for_each(|tag| plain("tag", tag))?;
        terms.route.tags = tags;
    }
    terms.route.kinds = request.kinds.unwrap_or(terms.route.kinds);
    terms.route.severity = request.severity.unwrap_or(terms.route.severity);
    terms.route.trainings = request.trainings.unwrap_or(terms.route.trainings);
    if too_many(terms.route.tags.len()) || too_many(terms.route.kinds.len()) || too_many(terms.route.families.len()) {
        return Err(Error::invalid(format!("a channel has at most {MOST_VALUES} kinds, families and tags each")));
    }
    if let Some(zone) = request.zone {
        terms.zone = Some(zone.parse().map_err(Error::invalid)?);
    }
    if let Some(quiet) = request.quiet {
        terms.quiet = read(&quiet)?;
    }
    if let Some(digest) = request.digest {
        terms.digest = read(&digest)?;
    }
    Ok(terms)
}

/// Times, or none where nothing is said.
fn read<T: FromStr<Err = InvalidHours>>(text: &str) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: InvalidHours| Error::invalid(error.to_string()))
}
