//! The ledger: every move of a live pointer, only ever added to.

use std::cmp::Reverse;
use std::collections::HashMap;

use common::vocabulary::{JobId, ModelKey, Timestamp, VersionNumber};
use domain::ledger::{Cause, LedgerReason};

use super::{Connection, Result, Row, Scope, sql};
use crate::wording::StoredMessage as _;

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LedgerEntry {
    /// Whose pointer.
    pub(crate) model: ModelKey,
    /// Its position in the model's history.
    pub(crate) live_seq: u64,
    /// Why it moved.
    pub(crate) cause: Cause,
    /// What is live from here on.
    pub(crate) version: VersionNumber,
    /// What was live before.
    pub(crate) previous: Option<VersionNumber>,
    /// The job that caused it, if one did.
    pub(crate) job: Option<JobId>,
    pub(crate) reason: LedgerReason,
    pub(crate) at: Timestamp,
    /// Rows the model had then; only kept of a rollback, which holds until more have come.
    pub(crate) rows: Option<u64>,
}

/// Adds an entry.
pub(crate) async fn append(db: &mut Connection, entry: &LedgerEntry) -> Result<()> {
    sql("INSERT INTO ledger (model, live_seq, kind, major, minor, previous_major, previous_minor, job, reason, at, rows)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
    .bind(entry.model.as_str())
    .bind(entry.live_seq as i64)
    .bind(entry.cause.as_str())
    .bind(i64::from(entry.version.major))
    .bind(i64::from(entry.version.minor))
    .bind(entry.previous.map(|v| i64::from(v.major)))
    .bind(entry.previous.map(|v| i64::from(v.minor)))
    .bind(entry.job)
    .bind(entry.reason.written()?)
    .bind(entry.at.0)
    .bind(entry.rows.map(u64::cast_signed))
    .execute(db)
    .await?;
    Ok(())
}

/// The entries of a model, newest first.
pub(crate) async fn of(db: &mut Connection, model: &ModelKey) -> Result<Vec<LedgerEntry>> {
    let found = of_models(db, Scope::Of(std::slice::from_ref(model))).await?;
    Ok(found.into_values().next().unwrap_or_default())
}

/// The entries of models that have any, newest first.
pub(crate) async fn of_models(
    db: &mut Connection,
    of: Scope<'_, ModelKey>,
) -> Result<HashMap<ModelKey, Vec<LedgerEntry>>> {
    let mut found: HashMap<ModelKey, Vec<LedgerEntry>> = HashMap::new();
    for entry in of.read_each(db, "SELECT * FROM ledger", " WHERE model IN ", read).await? {
        found.entry(entry.model.clone()).or_default().push(entry);
    }
    found.values_mut().for_each(|entries| entries.sort_by_key(|entry| Reverse(entry.live_seq)));
    Ok(found)
}

pub(super) fn read(row: &Row) -> Result<LedgerEntry> {
    Ok(LedgerEntry {
        model: row.parsed("model")?,
        live_seq: row.count("live_seq")?,
        cause: row.parsed("kind")?,
        version: row.number()?,
        previous: row.version("previous_major", "previous_minor")?,
        job: row.opt_id("job")?,
        reason: LedgerReason::read(row.text("reason")?),
        at: row.time("at")?,
        rows: row.opt_int("rows")?.map(i64::unsigned_abs),
    })
}

/// A rollback by hand that nothing has followed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Back {
    /// What is live by it.
    pub(crate) version: VersionNumber,
    /// What was live before.
    pub(crate) from: VersionNumber,
    pub(crate) at: Timestamp,
    pub(crate) reason: LedgerReason,
    /// Rows the model had then.
    pub(crate) rows: u64,
}

/// The models whose newest entry is a way back by hand: a rollback, or the promotion of an earlier version.
pub(crate) async fn rolled_back(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, Back>> {
    const TEXT: &str = "SELECT l.* FROM ledger l JOIN models m ON m.key = l.model AND m.live_seq = l.live_seq
         WHERE l.rows IS NOT NULL";
    let all = of.read_each(db, TEXT, " AND l.model IN ", read).await?;
    let back = |entry: LedgerEntry| {
        let LedgerEntry { model, version, previous, at, reason, rows, .. } = entry;
        Some((model, Back { version, from: previous?, at, reason, rows: rows? }))
    };
    Ok(all.into_iter().filter_map(back).collect())
}
