//! Watches: how far the live version of each model has been scored on what has come since, and how it does.

use std::collections::HashMap;

use common::vocabulary::{JobId, JobState, ModelKey, VersionNumber, Watermark};
use domain::monitor::{Bound, Health, InputRecord};

use super::models::{self, Model};
use super::{Connection, Result, Row, Scope, date_text, sql};

/// What is known of a live version since it went live.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Watch {
    /// The model.
    pub(crate) model: ModelKey,
    /// The version this is about; another one may be live by now.
    pub(crate) version: VersionNumber,
    /// Rows up to here are scored.
    pub(crate) scored: Watermark,
    /// Rows there were then.
    pub(crate) rows: u64,
    /// The latest monitoring of it.
    pub(crate) job: Option<JobId>,
    /// How it does.
    pub(crate) health: Option<Health>,
    /// How the version before it would have done.
    pub(crate) shadow: Option<(VersionNumber, Bound)>,
    /// What its inputs look like.
    pub(crate) inputs: Option<InputRecord>,
}

/// A watch, and whether its latest monitoring is still in the backlog or running.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Watched {
    /// The watch.
    pub(crate) watch: Watch,
    /// Whether there is a job to wait for.
    pub(crate) busy: bool,
}

/// The watches of models, by model.
pub(crate) async fn all(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, Watched>> {
    const TEXT: &str = "SELECT w.*, (SELECT j.state FROM jobs j WHERE j.id = w.job) AS job_state FROM watches w";
    let all = of.read_each(db, TEXT, " WHERE w.model IN ", read).await?;
    Ok(all.into_iter().map(|watched| (watched.watch.model.clone(), watched)).collect())
}

/// The watch of a model.
pub(crate) async fn of(db: &mut Connection, model: &ModelKey) -> Result<Option<Watched>> {
    Ok(all(db, Scope::Of(std::slice::from_ref(model))).await?.remove(model))
}

/// What `each` says of the models whose live version has declined and that are not being trained, given by how much its loss has risen,
/// as a share of the baseline's.
pub(crate) async fn declines<T>(db: &mut Connection, each: impl Fn(Model, f64) -> T) -> Result<Vec<T>> {
    let read = |row: &Row| -> Result<Option<T>> {
        let health: Option<Health> = row.opt_json("health")?;
        let model = models::read(row)?;
        Ok(health.and_then(|health| health.rise).map(|rise| each(model, rise)))
    };
    let all = sql("SELECT m.*, w.health FROM watches w
         JOIN models m ON m.key = w.model AND m.live_major = w.major AND m.live_minor = w.minor
         WHERE w.declined <> 0
           AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.model = w.model AND j.kind = 'train' AND j.reproduces IS NULL
                           AND j.state IN ('queued', 'dispatched', 'running', 'judging'))")
    .read_each(db, read)
    .await?;
    Ok(all.into_iter().flatten().collect())
}

/// Writes a watch down, in the place of what was known of its model.
pub(crate) async fn put(db: &mut Connection, watch: &Watch) -> Result<()> {
    sql("INSERT INTO watches (model, major, minor, date, entry, through, rows, job, health, shadow, declined, inputs)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (model) DO UPDATE SET major = excluded.major, minor = excluded.minor, date = excluded.date,
             entry = excluded.entry, through = excluded.through, rows = excluded.rows, job = excluded.job, health = excluded.health,
             shadow = excluded.shadow, declined = excluded.declined, inputs = excluded.inputs")
    .bind(watch.model.as_str())
    .bind(i64::from(watch.version.major))
    .bind(i64::from(watch.version.minor))
    .bind(date_text(watch.scored.date))
    .bind(watch.scored.entry as i64)
    .bind(date_text(watch.scored.through))
    .bind(watch.rows as i64)
    .bind(watch.job)
    .bind(watch.health.as_ref().map(serde_json::to_string).transpose()?)
    .bind(watch.shadow.as_ref().map(serde_json::to_string).transpose()?)
    .bind(watch.health.as_ref().is_some_and(|health| health.condition.is_degraded()))
    .bind(watch.inputs.as_ref().map(serde_json::to_string).transpose()?)
    .execute(db)
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Watched> {
    let state: Option<JobState> = row.opt_parsed("job_state")?;
    let version = row.number()?;
    // An earlier release, which does not know of them, leaves those of the version before where they are.
    let inputs: Option<InputRecord> = row.opt_json("inputs")?;
    let watch = Watch {
        model: row.parsed("model")?,
        version,
        scored: Watermark { date: row.date("date")?, entry: row.count("entry")?, through: row.date("through")? },
        rows: row.count("rows")?,
        job: row.opt_id("job")?,
        health: row.opt_json("health")?,
        shadow: row.opt_json("shadow")?,
        inputs: inputs.filter(|inputs| inputs.version == version),
    };
    Ok(Watched { watch, busy: state.is_some_and(|state| !state.is_ended()) })
}
