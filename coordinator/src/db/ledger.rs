//! The ledger: every move of a live pointer, only ever added to.

use std::cmp::Reverse;
use std::collections::HashMap;

use common::vocabulary::{JobId, ModelKey, Timestamp, VersionNumber};

use super::{Connection, Result, Row, Scope, sql};

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Whose pointer.
    pub(crate) model: ModelKey,
    /// Its place in the model's history.
    pub(crate) live_seq: u64,
    /// `promote`, `rollback`, `taken_back` (a rollback that nobody asked for) or `restore`.
    pub(crate) kind: String,
    /// What is live from here on.
    pub(crate) version: VersionNumber,
    /// What was live before.
    pub(crate) previous: Option<VersionNumber>,
    /// The job that caused it, if one did.
    pub(crate) job: Option<JobId>,
    /// Why.
    pub(crate) reason: String,
    /// When.
    pub(crate) at: Timestamp,
}

impl Entry {
    /// The kind of an automatic rollback.
    pub(crate) const TAKEN_BACK: &str = "taken_back";
}

/// Adds an entry.
pub(crate) async fn append(db: &mut Connection, entry: &Entry) -> Result<()> {
    sql("INSERT INTO ledger (model, live_seq, kind, major, minor, previous_major, previous_minor, job, reason, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(entry.model.as_str())
    .bind(entry.live_seq as i64)
    .bind(&entry.kind)
    .bind(i64::from(entry.version.major))
    .bind(i64::from(entry.version.minor))
    .bind(entry.previous.map(|v| i64::from(v.major)))
    .bind(entry.previous.map(|v| i64::from(v.minor)))
    .bind(entry.job)
    .bind(&entry.reason)
    .bind(entry.at.0)
    .execute(db)
    .await?;
    Ok(())
}

/// The entries of a model, newest first.
pub(crate) async fn of(db: &mut Connection, model: &ModelKey) -> Result<Vec<Entry>> {
    let found = of_models(db, Scope::Of(std::slice::from_ref(model))).await?;
    Ok(found.into_values().next().unwrap_or_default())
}

/// The entries of models that have any, newest first.
pub(crate) async fn of_models(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, Vec<Entry>>> {
    let mut found: HashMap<ModelKey, Vec<Entry>> = HashMap::new();
    for entry in of.read_each(db, "SELECT * FROM ledger", " WHERE model IN ", read).await? {
        found.entry(entry.model.clone()).or_default().push(entry);
    }
    found.values_mut().for_each(|entries| entries.sort_by_key(|entry| Reverse(entry.live_seq)));
    Ok(found)
}

fn read(row: &Row) -> Result<Entry> {
    Ok(Entry {
        model: row.parsed("model")?,
        live_seq: row.count("live_seq")?,
        kind: row.text("kind")?,
        version: VersionNumber { major: row.small("major")?, minor: row.small("minor")? },
        previous: row.version("previous_major", "previous_minor")?,
        job: row.opt_id("job")?,
        reason: row.text("reason")?,
        at: row.time("at")?,
    })
}
