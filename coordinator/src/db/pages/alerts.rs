//! Alerts and messages, newest first.

use common::vocabulary::{MessageId, ModelKey};
use domain::alert::{AlertKind, ChannelName};

use crate::db::alerts::messages::{self, Message};
use crate::db::alerts::{Alert, read};
use crate::db::{Connection, Result, sql};

/// Which alerts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Which<'a> {
    /// Those whose cause is gone, too.
    pub(crate) all: bool,
    /// Of this kind.
    pub(crate) kind: Option<AlertKind>,
    /// About this model.
    pub(crate) model: Option<&'a ModelKey>,
}

/// So many alerts behind one of this number.
pub(crate) async fn behind(
    db: &mut Connection,
    which: Which<'_>,
    after: Option<i64>,
    count: u32,
) -> Result<Vec<Alert>> {
    let Which { all, kind, model } = which;
    // What is not asked for is not in the text: an index is found by the text.
    let statement = match (all, model) {
        (false, None) => sql(
            "SELECT * FROM alerts WHERE id < $1 AND ($2 IS NULL OR kind = $2) AND ended_at IS NULL ORDER BY id DESC LIMIT $3",
        ),
        (true, None) => {
            sql("SELECT * FROM alerts WHERE id < $1 AND ($2 IS NULL OR kind = $2) ORDER BY id DESC LIMIT $3")
        }
        (false, Some(_)) => sql(
            "SELECT * FROM alerts WHERE id < $1 AND ($2 IS NULL OR kind = $2) AND model = $4 AND ended_at IS NULL ORDER BY id DESC LIMIT $3",
        ),
        (true, Some(_)) => sql(
            "SELECT * FROM alerts WHERE id < $1 AND ($2 IS NULL OR kind = $2) AND model = $4 ORDER BY id DESC LIMIT $3",
        ),
    };
    let statement = statement.bind(after.unwrap_or(i64::MAX)).bind(kind.map(<&str>::from)).bind(count);
    let statement = match model {
        Some(model) => statement.bind(model.as_str()),
        None => statement,
    };
    statement.read_each(db, read).await
}

/// So many messages behind one, of a channel or of all.
pub(crate) async fn messages(
    db: &mut Connection,
    channel: Option<&ChannelName>,
    after: Option<MessageId>,
    count: u32,
) -> Result<Vec<Message>> {
    let after = after.unwrap_or(MessageId::max());
    let statement = match channel {
        None => sql("SELECT * FROM alert_messages WHERE id < $1 ORDER BY id DESC LIMIT $2").bind(after).bind(count),
        Some(channel) => sql("SELECT * FROM alert_messages WHERE id < $1 AND channel = $3 ORDER BY id DESC LIMIT $2")
            .bind(after)
            .bind(count)
            .bind(channel.as_str()),
    };
    statement.read_each(db, messages::read).await
}
