//! Channels: whom alerts are told.

use common::vocabulary::Timestamp;
use domain::alert::{Address, ChannelName, Terms};

use super::super::pauses::{Pause, read_pause};
use super::super::{Connection, Result, Row, sql};
use crate::wording::Language;

/// A channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Channel {
    /// What it is called.
    pub(crate) name: ChannelName,
    /// Where it leads.
    pub(crate) address: Address,
    /// What it is told, and when.
    pub(crate) terms: Terms,
    /// In which language.
    pub(crate) language: Language,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it was changed last.
    pub(crate) changed_at: Timestamp,
    /// Since when it is paused, if it is.
    pub(crate) paused: Option<Pause>,
    /// News up to this number are in its messages.
    pub(crate) taken: i64,
    /// So are critical ones up to this number.
    pub(crate) urgent: i64,
    /// When its last digest was made.
    pub(crate) told_at: Option<Timestamp>,
}

/// Writes one, in the place of what it was.
pub(crate) async fn put(db: &mut Connection, channel: &Channel) -> Result<()> {
    sql("INSERT INTO alert_channels (name, address, terms, language, created_at, changed_at, paused_at, paused_why, taken, urgent,
             told_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (name) DO UPDATE SET address = excluded.address, terms = excluded.terms, language = excluded.language,
             changed_at = excluded.changed_at, paused_at = excluded.paused_at, paused_why = excluded.paused_why,
             taken = excluded.taken, urgent = excluded.urgent, told_at = excluded.told_at")
    .bind(channel.name.as_str())
    .bind(serde_json::to_string(&channel.address)?)
    .bind(serde_json::to_string(&channel.terms)?)
    .bind(channel.language.as_str())
    .bind(channel.created_at.0)
    .bind(channel.changed_at.0)
    .bind(channel.paused.as_ref().map(|pause| pause.at.0))
    .bind(channel.paused.as_ref().map(|pause| pause.reason.clone()))
    .bind(channel.taken)
    .bind(channel.urgent)
    .bind(channel.told_at.map(|at| at.0))
    .execute(db)
    .await?;
    Ok(())
}

/// News up to these numbers are in its messages, all and critical ones. `false`: somebody else has got to them.
pub(crate) async fn advance(
    db: &mut Connection,
    channel: &Channel,
    (taken, urgent): (i64, i64),
    now: Timestamp,
) -> Result<bool> {
    let text = "UPDATE alert_channels SET taken = $4, urgent = $5, told_at = $6 WHERE name = $1 AND taken = $2 AND urgent = $3";
    let done = sql(text)
        .bind(channel.name.as_str())
        .bind(channel.taken)
        .bind(channel.urgent)
        .bind(taken)
        .bind(urgent)
        .bind(now.0);
    Ok(done.execute(db).await? == 1)
}

/// All there are, by name.
pub(crate) async fn all(db: &mut Connection) -> Result<Vec<Channel>> {
    sql("SELECT * FROM alert_channels ORDER BY name").read_each(db, read).await
}

/// The one of a name.
pub(crate) async fn get(db: &mut Connection, name: &ChannelName) -> Result<Option<Channel>> {
    let row = sql("SELECT * FROM alert_channels WHERE name = $1").bind(name.as_str()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Takes one away, with its messages.
pub(crate) async fn delete(db: &mut Connection, name: &ChannelName) -> Result<()> {
    sql("DELETE FROM alert_messages WHERE channel = $1").bind(name.as_str()).execute(&mut *db).await?;
    sql("DELETE FROM alert_channels WHERE name = $1").bind(name.as_str()).execute(db).await?;
    Ok(())
}

fn read(row: &Row) -> Result<Channel> {
    Ok(Channel {
        name: row.parsed("name")?,
        address: row.json("address")?,
        terms: row.json("terms")?,
        language: row.parsed("language")?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        paused: read_pause(row)?,
        taken: row.int("taken")?,
        urgent: row.int("urgent")?,
        told_at: row.opt_time("told_at")?,
    })
}
