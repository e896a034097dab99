//! The models as they stand.

use std::collections::BTreeMap;

use crate::db::{Connection, Result, sql};

/// How many models stand in which way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fleet {
    /// All of them.
    pub(crate) models: u64,
    /// With a live version.
    pub(crate) live: u64,
    /// Paused by somebody.
    pub(crate) paused: u64,
    /// Whose live version does worse than at its promotion.
    pub(crate) declined: u64,
    /// By what their latest decision begins with.
    pub(crate) decisions: BTreeMap<String, u64>,
}

/// Counts the models.
pub(crate) async fn count(db: &mut Connection) -> Result<Fleet> {
    let models = sql("SELECT count(*) AS models, count(live_major) AS live, count(paused_at) AS paused FROM models")
        .fetch_one(&mut *db)
        .await?;
    let declined =
        sql("SELECT count(*) AS models FROM watches WHERE declined <> 0").fetch_one(&mut *db).await?.count("models")?;
    let decisions =
        sql("SELECT substr(fingerprint, 1, 3) AS verdict, count(*) AS models FROM decisions GROUP BY substr(fingerprint, 1, 3)")
            .read_each(db, |row| Ok((row.text("verdict")?, row.count("models")?)))
            .await?;
    Ok(Fleet {
        models: models.count("models")?,
        live: models.count("live")?,
        paused: models.count("paused")?,
        declined,
        decisions: decisions.into_iter().collect(),
    })
}
