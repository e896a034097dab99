//! Models: what is kept fit, and where its live pointer stands.

use std::collections::BTreeSet;

use common::settings::OwnPolicy;
use common::vocabulary::{Category, DatasetName, Family, Hyper, ModelKey, Reading, Source, Timestamp, VersionNumber};

use super::pauses::{Pause, read_pause};
use super::{Connection, Result, Row, Scope, sql};

/// A model as it is registered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    /// Its name.
    pub(crate) key: ModelKey,
    /// Where it stands in the company.
    pub(crate) category: Category,
    /// Free tags.
    pub(crate) tags: Vec<String>,
    /// Its hyper-parameters.
    pub(crate) hyper: Hyper,
    /// Where its rows come from; a forecaster reads the bars of its symbol.
    pub(crate) source: Option<Source>,
    /// Keys of the policy that it has values of its own for.
    pub(crate) policy: OwnPolicy,
    /// A person has paused it.
    pub(crate) paused: Option<Pause>,
    /// The live version.
    pub(crate) live: Option<VersionNumber>,
    /// Counts the moves of the live pointer.
    pub(crate) live_seq: u64,
}

impl Model {
    /// A model as it is when first seen.
    pub(crate) fn new(key: ModelKey, family: Family, category: Category) -> Self {
        Self {
            key,
            category,
            tags: Vec::new(),
            hyper: Hyper::of(family),
            source: None,
            policy: OwnPolicy::default(),
            paused: None,
            live: None,
            live_seq: 0,
        }
    }
}

/// Registers a model unless it is there; says whether it was new.
pub(crate) async fn register(db: &mut Connection, model: &Model, now: Timestamp) -> Result<bool> {
    let changed =
        sql("INSERT INTO models (key, family, category, tags, hyper, auto_retrain, created_at, source, policy)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO NOTHING")
        .bind(model.key.as_str())
        .bind(model.hyper.family().as_str())
        .bind(model.category.to_string())
        .bind(serde_json::to_string(&model.tags)?)
        .bind(serde_json::to_string(&model.hyper)?)
        .bind(may_train(model))
        .bind(now.0)
        .bind(source_text(model)?)
        .bind(serde_json::to_string(&model.policy)?)
        .execute(db)
        .await?;
    Ok(changed == 1)
}

fn source_text(model: &Model) -> Result<Option<String>> {
    Ok(model.source.as_ref().map(serde_json::to_string).transpose()?)
}

/// Writes what a person may change of a model.
pub(crate) async fn update(db: &mut Connection, model: &Model) -> Result<()> {
    sql("UPDATE models SET category = $2, tags = $3, hyper = $4, auto_retrain = $5, source = $6, policy = $7 WHERE key = $1")
        .bind(model.key.as_str())
        .bind(model.category.to_string())
        .bind(serde_json::to_string(&model.tags)?)
        .bind(serde_json::to_string(&model.hyper)?)
        .bind(may_train(model))
        .bind(source_text(model)?)
        .bind(serde_json::to_string(&model.policy)?)
        .execute(db)
        .await?;
    Ok(())
}

/// One model.
pub(crate) async fn get(db: &mut Connection, key: &ModelKey) -> Result<Option<Model>> {
    let row = sql("SELECT * FROM models WHERE key = $1").bind(key.as_str()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Models, by key; what there is not is left out.
pub(crate) async fn all(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<Vec<Model>> {
    let mut all = of.read_each(db, "SELECT * FROM models", " WHERE key IN ", read).await?;
    all.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(all)
}

/// So many models behind a key, in the order of their keys; behind none: the first.
pub(crate) async fn behind(db: &mut Connection, last: Option<&ModelKey>, most: usize) -> Result<Vec<Model>> {
    sql("SELECT * FROM models WHERE key > $1 ORDER BY key LIMIT $2")
        .bind(last.map_or("", ModelKey::as_str))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .read_each(db, read)
        .await
}

/// Those of these keys that there are, in their order.
pub(crate) async fn present(db: &mut Connection, keys: &[ModelKey]) -> Result<Vec<ModelKey>> {
    const TEXT: &str = "SELECT key FROM models";
    let mut found = Scope::Of(keys).read_each(db, TEXT, " WHERE key IN ", |row| row.parsed("key")).await?;
    found.sort();
    Ok(found)
}

/// The models that read one of these data sets.
pub(crate) async fn reading(db: &mut Connection, datasets: &BTreeSet<DatasetName>) -> Result<Vec<ModelKey>> {
    let read = |row: &Row| Ok((row.parsed("key")?, row.json::<Source>("source")?.dataset));
    let all = sql("SELECT key, source FROM models WHERE source IS NOT NULL").read_each(db, read).await?;
    Ok(all.into_iter().filter(|(_, dataset)| datasets.contains(dataset)).map(|(model, _)| model).collect())
}

/// How the models of a data set read its rows, each way once.
pub(crate) async fn readings_of(db: &mut Connection, dataset: &DatasetName) -> Result<Vec<Reading>> {
    // As `Source` is written; `_` and `%` in a name may let others through, which are left out below.
    let beginning = format!("{{\"dataset\":\"{dataset}\",%");
    let sources = sql("SELECT DISTINCT source FROM models WHERE source LIKE $1 ORDER BY source")
        .bind(beginning)
        .read_each(db, |row| row.json::<Source>("source"))
        .await?;
    Ok(sources.into_iter().filter(|source| source.dataset == *dataset).map(|source| source.reading).collect())
}

/// When the data of the live versions were taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Age {
    /// Of the oldest.
    pub(crate) oldest: Timestamp,
    /// On the mean.
    pub(crate) mean: Timestamp,
}

/// How old the live versions are, if there are any.
pub(crate) async fn age(db: &mut Connection) -> Result<Option<Age>> {
    let row = sql("SELECT min(v.as_of) AS oldest, CAST(avg(v.as_of) AS DOUBLE PRECISION) AS mean FROM models m
         CROSS JOIN versions v WHERE v.model = m.key AND v.major = m.live_major AND v.minor = m.live_minor")
    .fetch_one(db)
    .await?;
    let (oldest, mean) = (row.opt_time("oldest")?, row.opt_real("mean")?);
    Ok(oldest.zip(mean).map(|(oldest, mean)| Age { oldest, mean: Timestamp(mean as i64) }))
}

/// Moves the live pointer, if it still stands where the caller saw it. `false`: somebody moved it meanwhile.
pub(crate) async fn move_live(db: &mut Connection, key: &ModelKey, to: VersionNumber, seen: u64) -> Result<bool> {
    let changed = sql(
        "UPDATE models SET live_major = $2, live_minor = $3, live_seq = live_seq + 1 WHERE key = $1 AND live_seq = $4",
    )
    .bind(key.as_str())
    .bind(i64::from(to.major))
    .bind(i64::from(to.minor))
    .bind(seen as i64)
    .execute(db)
    .await?;
    Ok(changed == 1)
}

/// What releases before a model's own policy know of it.
fn may_train(model: &Model) -> bool {
    model.policy.auto_retrain() != Some(false)
}

/// The release before this one may have written since, and it knows the flag alone.
fn own_policy(row: &Row) -> Result<OwnPolicy> {
    let own: OwnPolicy = row.json("policy")?;
    let auto_retrain = match (row.flag("auto_retrain")?, own.auto_retrain()) {
        (false, _) => Some(false),
        (true, Some(false)) => None,
        (true, on @ (Some(true) | None)) => on,
    };
    Ok(own.with_auto_retrain(auto_retrain))
}

pub(super) fn read(row: &Row) -> Result<Model> {
    Ok(Model {
        key: row.parsed("key")?,
        category: row.text("category")?.into(),
        tags: row.json("tags")?,
        hyper: row.json("hyper")?,
        source: row.opt_json("source")?,
        policy: own_policy(row)?,
        paused: read_pause(row)?,
        live: row.version("live_major", "live_minor")?,
        live_seq: row.count("live_seq")?,
    })
}
