//! Decisions: the latest of each model, and a history row whenever verdict or reasons change, the "no" included.

mod record;

use std::collections::{HashMap, HashSet};

use common::vocabulary::{JobId, ModelKey, Timestamp};

pub(crate) use self::record::{DecisionRecord, HoldRecord, ReasonRecord};
use super::{CHUNK, Connection, Result, Row, Scope, Value, sql};

/// A decision to keep.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredDecision {
    /// About which model.
    pub(crate) model: ModelKey,
    /// For which "now".
    pub(crate) at: Timestamp,
    /// When its facts were read.
    pub(crate) seen: Timestamp,
    /// Verdict and set of reasons.
    pub(crate) fingerprint: String,
    /// The job it led to.
    pub(crate) job: Option<JobId>,
    /// All of it, as JSON of [`DecisionRecord`].
    pub(crate) body: String,
}

/// For which "now" the latest decision about each model was made.
pub(crate) async fn moments(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, Timestamp>> {
    const TEXT: &str = "SELECT model, at FROM decisions";
    let read = |row: &Row| Ok((row.parsed("model")?, row.time("at")?));
    Ok(of.read_each(db, TEXT, " WHERE model IN ", read).await?.into_iter().collect())
}

/// Replaces the latest decisions, but for those whose facts are newer. The models about which verdict or reasons are others now.
pub(crate) async fn put(db: &mut Connection, decisions: &[StoredDecision]) -> Result<HashSet<ModelKey>> {
    let mut changed = HashSet::new();
    for chunk in decisions.chunks(CHUNK) {
        let replacing = sql("INSERT INTO decisions (model, at, fingerprint, job, body, seen_at) VALUES ")
            .rows(chunk, |stored| {
                let [model, at, fingerprint, job, body] = values(stored);
                [model, at, fingerprint, job, body, stored.seen.0.into()]
            })
            .then(
                " ON CONFLICT (model) DO UPDATE SET at = excluded.at, fingerprint = excluded.fingerprint, job = excluded.job,
                     body = excluded.body, seen_at = excluded.seen_at, replaced = decisions.fingerprint
                 WHERE excluded.seen_at >= decisions.seen_at
                 RETURNING model, fingerprint, replaced",
            );
        let others =
            |row: &Row| Ok((row.opt_text("replaced")? != Some(row.text("fingerprint")?), row.parsed("model")?));
        let replaced: Vec<(bool, ModelKey)> = replacing.read_each(&mut *db, others).await?;
        changed.extend(replaced.into_iter().filter_map(|(is_other, model)| is_other.then_some(model)));
    }
    Ok(changed)
}

/// Adds to the history.
pub(crate) async fn remember(db: &mut Connection, decisions: &[&StoredDecision]) -> Result<()> {
    for chunk in decisions.chunks(CHUNK) {
        sql("INSERT INTO decision_history (model, at, fingerprint, job, body, made_at) VALUES ")
            .rows(chunk.iter().copied(), |stored| {
                let [model, at, fingerprint, job, body] = values(stored);
                [model, at, fingerprint, job, body, stored.seen.0.into()]
            })
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

fn values(stored: &StoredDecision) -> [Value<'_>; 5] {
    let StoredDecision { model, at, fingerprint, job, body, .. } = stored;
    [model.as_str().into(), at.0.into(), fingerprint.into(), (*job).into(), body.into()]
}

/// The latest decision about one model.
pub(crate) async fn of(db: &mut Connection, model: &ModelKey) -> Result<Option<DecisionRecord>> {
    let row = sql("SELECT body FROM decisions WHERE model = $1").bind(model.as_str()).fetch_optional(db).await?;
    row.map(|row| row.json("body")).transpose()
}

/// How many models were put into the backlog on the day of `now` for this reason alone.
pub(crate) async fn trained_for(db: &mut Connection, reason: &str, now: Timestamp) -> Result<u32> {
    let row = sql("SELECT count(DISTINCT model) AS n FROM decision_history
         WHERE at > $1 AND at <= $2 AND fingerprint = $3 AND job IS NOT NULL")
    .bind(Timestamp::end_of(now.date()).plus_days(-1.0).0)
    .bind(Timestamp::end_of(now.date()).0)
    .bind(format!("retrain|{reason}|"))
    .fetch_one(db)
    .await?;
    row.small("n")
}

/// The newest changes of decisions about one model, newest first, at most so many.
pub(crate) async fn newest_changes(db: &mut Connection, model: &ModelKey, most: u32) -> Result<Vec<DecisionRecord>> {
    sql("SELECT body FROM decision_history WHERE model = $1 ORDER BY id DESC LIMIT $2")
        .bind(model.as_str())
        .bind(most)
        .read_each(db, |row| row.json("body"))
        .await
}

/// How decisions about one model changed, oldest first.
pub(crate) async fn history(db: &mut Connection, model: &ModelKey) -> Result<Vec<DecisionRecord>> {
    let rows = sql("SELECT body FROM decision_history WHERE model = $1 ORDER BY id")
        .bind(model.as_str())
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| row.json("body")).collect()
}
