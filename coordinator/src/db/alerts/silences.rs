//! Silences: what nobody wants to be told for a while.

use common::vocabulary::{ModelKey, Timestamp};
use domain::alert::Silence;

use super::super::{Connection, Result, Row, sql};

/// A silence that somebody has asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// Its number.
    pub(crate) id: i64,
    /// What it is about, and until when.
    pub(crate) silence: Silence,
    /// Why; may be empty.
    pub(crate) reason: String,
    /// Since when.
    pub(crate) created_at: Timestamp,
}

/// Adds one, and gives its number.
pub(crate) async fn insert(db: &mut Connection, silence: &Silence, reason: &str, now: Timestamp) -> Result<i64> {
    sql("INSERT INTO alert_silences (key, kind, model, until, why, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id")
        .bind(silence.key.clone())
        .bind(silence.kind.map(<&str>::from))
        .bind(silence.model.as_ref().map(ModelKey::as_str))
        .bind(silence.until.0)
        .bind(reason)
        .bind(now.0)
        .fetch_one(db)
        .await?
        .int("id")
}

/// All there are, those that end soonest first.
pub(crate) async fn all(db: &mut Connection) -> Result<Vec<Asked>> {
    sql("SELECT * FROM alert_silences ORDER BY until, id").read_each(db, read).await
}

/// Ends one: what it was.
pub(crate) async fn remove(db: &mut Connection, id: i64) -> Result<Option<Asked>> {
    let row = sql("DELETE FROM alert_silences WHERE id = $1 RETURNING *").bind(id).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Asked> {
    Ok(Asked {
        id: row.int("id")?,
        silence: Silence {
            key: row.opt_text("key")?,
            kind: row.opt_parsed("kind")?,
            model: row.opt_parsed("model")?,
            until: row.time("until")?,
        },
        reason: row.text("why")?,
        created_at: row.time("created_at")?,
    })
}
