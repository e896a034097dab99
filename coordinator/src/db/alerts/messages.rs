//! Messages to channels: written with what they tell of, delivered at least once, each under its own id.

use common::vocabulary::{MessageId, Timestamp};
use domain::alert::{AlertKind, ChannelName, MessageKind, Severity, Told};
use domain::report::ReportName;
use serde::{Deserialize, Serialize};

use super::super::{Connection, Result, Row, lists, sql};
use crate::wording::Subject;

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    /// Its id: one that is sent twice has the same.
    pub(crate) id: MessageId,
    /// To whom.
    pub(crate) channel: ChannelName,
    /// What it tells.
    pub(crate) body: Body,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it is tried next; never, if it is delivered or given up.
    pub(crate) due_at: Option<Timestamp>,
    /// How often it was tried.
    pub(crate) tries: u32,
    /// When it was delivered.
    pub(crate) sent_at: Option<Timestamp>,
    /// What went wrong the last time.
    pub(crate) error: Option<String>,
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Body {
    /// What it is about.
    pub(crate) what: MessageKind,
    /// Of which kind all of it is, if it is of one.
    pub(crate) kind: Option<AlertKind>,
    /// How soon somebody should look.
    pub(crate) severity: Severity,
    /// Its items; of more than are named, the first.
    pub(crate) items: Vec<Told>,
    /// How many there are.
    pub(crate) count: u64,
    /// The report that it brings, if it brings one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<ReportName>,
}

impl Message {
    /// One that is due now.
    pub(crate) fn due(id: MessageId, channel: &ChannelName, body: Body, now: Timestamp) -> Self {
        Self {
            id,
            channel: channel.clone(),
            body,
            created_at: now,
            due_at: Some(now),
            tries: 0,
            sent_at: None,
            error: None,
        }
    }
}

impl Body {
    /// One that brings a report.
    pub(crate) fn report(name: ReportName) -> Self {
        let (what, severity) = (MessageKind::Report, Severity::Info);
        Self { what, kind: None, severity, items: Vec::new(), count: 1, report: Some(name) }
    }

    /// What it is about, in a few words.
    pub(crate) fn subject(&self) -> Subject {
        let only = match (&self.items[..], &self.report) {
            (_, Some(report)) => Some(report.to_string()),
            ([only], None) if self.count == 1 => Some(only.subject().to_owned()),
            _ => None,
        };
        let about = only.filter(|about| !about.is_empty());
        Subject { what: self.what, level: self.severity, topic: self.kind, about, count: self.count }
    }
}

/// Adds messages; one that is there stays as it is.
pub(crate) async fn insert(db: &mut Connection, messages: &[Message]) -> Result<()> {
    let mut rows = Vec::with_capacity(messages.len());
    for message in messages {
        rows.push((message, serde_json::to_string(&message.body)?));
    }
    for rows in lists(&rows) {
        sql("INSERT INTO alert_messages (id, channel, body, created_at, due_at, tries) VALUES ")
            .rows(rows, |(message, body)| {
                [
                    message.id.into(),
                    message.channel.as_str().into(),
                    body.into(),
                    message.created_at.0.into(),
                    message.due_at.map(|at| at.0).into(),
                    message.tries.into(),
                ]
            })
            .then(" ON CONFLICT (id) DO NOTHING")
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Writes how one stands.
pub(crate) async fn save(db: &mut Connection, message: &Message) -> Result<()> {
    sql("UPDATE alert_messages SET due_at = $2, tries = $3, sent_at = $4, error = $5 WHERE id = $1")
        .bind(message.id)
        .bind(message.due_at.map(|at| at.0))
        .bind(message.tries)
        .bind(message.sent_at.map(|at| at.0))
        .bind(message.error.clone())
        .execute(db)
        .await?;
    Ok(())
}

/// The messages that a channel has not been told yet, oldest first; at most so many.
pub(crate) async fn waiting_for(db: &mut Connection, channel: &ChannelName, most: usize) -> Result<Vec<Message>> {
    sql("SELECT * FROM alert_messages WHERE channel = $1 AND due_at IS NOT NULL ORDER BY id LIMIT $2")
        .bind(channel.as_str())
        .bind(most as i64)
        .read_each(db, read)
        .await
}

/// How a channel stands: what it has not been told yet, and what was given up since a moment.
pub(crate) async fn waiting(db: &mut Connection, channel: &ChannelName, since: Timestamp) -> Result<Waiting> {
    let row = sql("SELECT count(*) AS messages, max(error) AS error, CAST(COALESCE(sum(tries), 0) AS BIGINT) AS tries
         FROM alert_messages WHERE channel = $1 AND due_at IS NOT NULL")
    .bind(channel.as_str())
    .fetch_one(&mut *db)
    .await?;
    let given_up = sql("SELECT count(*) AS messages, max(error) AS error FROM alert_messages
         WHERE channel = $1 AND due_at IS NULL AND sent_at IS NULL AND created_at >= $2")
    .bind(channel.as_str())
    .bind(since.0)
    .fetch_one(db)
    .await?;
    Ok(Waiting {
        messages: row.count("messages")?,
        tries: row.count("tries")?,
        given_up: given_up.count("messages")?,
        error: row.opt_text("error")?.or(given_up.opt_text("error")?),
    })
}

/// What waits for a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Messages.
    pub(crate) messages: u64,
    /// Their tries that failed, of all together.
    pub(crate) tries: u64,
    /// Messages that were given up lately.
    pub(crate) given_up: u64,
    /// What went wrong with one of them.
    pub(crate) error: Option<String>,
}

/// Those that wait for a channel are tried now.
pub(crate) async fn hurry(db: &mut Connection, channel: &ChannelName, now: Timestamp) -> Result<()> {
    sql("UPDATE alert_messages SET due_at = $2 WHERE channel = $1 AND due_at IS NOT NULL AND tries > 0")
        .bind(channel.as_str())
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Removes messages made before a moment that are delivered or given up, at most so many: how many there were.
pub(crate) async fn remove_before(db: &mut Connection, before: Timestamp, most: usize) -> Result<u64> {
    let ids: Vec<MessageId> =
        sql("SELECT id FROM alert_messages WHERE due_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2")
            .bind(before.0)
            .bind(most as i64)
            .read_each(&mut *db, |row| row.id("id"))
            .await?;
    for ids in lists(&ids) {
        sql("DELETE FROM alert_messages WHERE id IN ").one_of(ids.iter().copied()).execute(&mut *db).await?;
    }
    Ok(ids.len() as u64)
}

pub(in crate::db) fn read(row: &Row) -> Result<Message> {
    Ok(Message {
        id: row.id("id")?,
        channel: row.parsed("channel")?,
        body: row.json("body")?,
        created_at: row.time("created_at")?,
        due_at: row.opt_time("due_at")?,
        tries: row.small("tries")?,
        sent_at: row.opt_time("sent_at")?,
        error: row.opt_text("error")?,
    })
}
