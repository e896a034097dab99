//! Pools and models that a person has paused. Everything else is open.

use std::collections::BTreeMap;

use common::vocabulary::{ModelKey, Pool, Timestamp};

use super::{Connection, Result, Row, Scope, jobs::Job, sql};

/// Since when something is paused, and why if that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    /// Since when.
    pub(crate) at: Timestamp,
    /// Why; may be empty.
    pub(crate) reason: String,
}

/// A pool that gets no new work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    /// Since when, and why.
    pub(crate) pause: Pause,
    /// What runs there is given back, too.
    pub(crate) drain: bool,
}

impl Pause {
    /// `since 2026-05-01 08:00 (new driver)`.
    pub(crate) fn words(&self) -> String {
        let reason = self.given_reason().map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("since {}{reason}", self.at.utc().format("%Y-%m-%d %H:%M"))
    }

    /// Why, if that was said.
    pub(crate) fn given_reason(&self) -> Option<String> {
        Some(self.reason.clone()).filter(|reason| !reason.is_empty())
    }
}

/// The pools that are closed.
pub(crate) async fn closed(db: &mut Connection) -> Result<BTreeMap<Pool, Closed>> {
    let rows = sql("SELECT pool, at, drain, why FROM closed_pools").fetch_all(db).await?;
    let read = |row: &Row| {
        let pause = Pause { at: row.time("at")?, reason: row.text("why")? };
        Ok((row.parsed("pool")?, Closed { pause, drain: row.flag("drain")? }))
    };
    rows.iter().map(read).collect()
}

/// Closes a pool, or changes how it is closed.
pub(crate) async fn close(db: &mut Connection, pool: &Pool, closed: &Closed) -> Result<()> {
    sql("INSERT INTO closed_pools (pool, at, drain, why) VALUES ($1, $2, $3, $4)
         ON CONFLICT (pool) DO UPDATE SET at = excluded.at, drain = excluded.drain, why = excluded.why")
    .bind(pool.as_str())
    .bind(closed.pause.at.0)
    .bind(closed.drain)
    .bind(&closed.pause.reason)
    .execute(db)
    .await?;
    Ok(())
}

/// Opens a pool.
pub(crate) async fn open(db: &mut Connection, pool: &Pool) -> Result<()> {
    sql("DELETE FROM closed_pools WHERE pool = $1").bind(pool.as_str()).execute(db).await?;
    Ok(())
}

/// Pauses a model, or lets it go on.
pub(crate) async fn set_model(db: &mut Connection, model: &ModelKey, pause: Option<&Pause>) -> Result<()> {
    sql("UPDATE models SET paused_at = $2, paused_why = $3 WHERE key = $1")
        .bind(model.as_str())
        .bind(pause.map(|pause| pause.at.0))
        .bind(pause.map(|pause| pause.reason.as_str()))
        .execute(db)
        .await?;
    Ok(())
}

/// Those of some models that are paused.
pub(crate) async fn models(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<BTreeMap<ModelKey, Pause>> {
    const TEXT: &str = "SELECT key, paused_at, paused_why FROM models WHERE paused_at IS NOT NULL";
    let read = |row: &Row| Ok((row.parsed("key")?, read_pause(row)?));
    let all: Vec<(ModelKey, Option<Pause>)> = of.read_each(db, TEXT, " AND key IN ", read).await?;
    Ok(all.into_iter().filter_map(|(key, pause)| Some((key, pause?))).collect())
}

/// The pause in a row of `models`.
pub(super) fn read_pause(row: &Row) -> Result<Option<Pause>> {
    let reason = row.opt_text("paused_why")?.unwrap_or_default();
    Ok(row.opt_time("paused_at")?.map(|at| Pause { at, reason }))
}

/// Whether a waiting job is held by a pause of its model, of its pool, or of the one it would be handed out to.
pub(crate) async fn hold(db: &mut Connection, job: &Job, dispatch_pool: &Pool) -> Result<bool> {
    let row = sql("SELECT (SELECT count(*) FROM closed_pools WHERE pool = $1 OR pool = $2)
             + (SELECT count(*) FROM models WHERE key = $3 AND paused_at IS NOT NULL) AS pauses")
    .bind(job.pool.as_str())
    .bind(dispatch_pool.as_str())
    .bind(job.model.as_ref().map(ModelKey::as_str))
    .fetch_one(db)
    .await?;
    Ok(row.int("pauses")? > 0)
}
