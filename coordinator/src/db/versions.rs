//! Versions: what trainings led to. Numbers are given once; rows are never removed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use common::vocabulary::{
    ArtifactRef, AttemptId, ContentHash, Family, IncrementalGap, JobId, Manifest, Mode, ModelKey, Source, Timestamp,
    VersionNumber,
};
use domain::judge::{Fleet, Skill};
use serde::Deserialize;

use super::changes::Mark;
use super::verdicts::VerdictRecord;
use super::{Connection, Error, Result, Row, Scope, date_text, lists, sql};

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Recorded, not judged yet.
    Judging,
    /// The one that answers.
    Live,
    /// Was live.
    Retired,
    /// Judged, and not good enough; or its job was cancelled.
    Rejected,
    /// Inconclusive: waits for more rows.
    Waiting,
    /// Judged by what it reads, which its model no longer does: only a person makes it live.
    Superseded,
    /// Trained again for comparison only, and recorded by an earlier release: now those are no versions.
    Reproduction,
}

impl Status {
    pub(crate) const ALL: [Self; 7] =
        [Self::Judging, Self::Live, Self::Retired, Self::Rejected, Self::Waiting, Self::Superseded, Self::Reproduction];

    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Judging => "judging",
            Self::Live => "live",
            Self::Retired => "retired",
            Self::Rejected => "rejected",
            Self::Waiting => "waiting",
            Self::Superseded => "superseded",
            Self::Reproduction => "reproduction",
        }
    }
}

/// A version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    pub(crate) model: ModelKey,
    /// Its number.
    pub(crate) number: VersionNumber,
    /// The job that trained it.
    pub(crate) job: JobId,
    /// The attempt that finished.
    pub(crate) attempt: AttemptId,
    /// Where it stands.
    pub(crate) status: Status,
    /// How it was trained.
    pub(crate) mode: Mode,
    /// What it started from.
    pub(crate) parent: Option<VersionNumber>,
    /// Incremental trainings since the last complete one, along its parents.
    pub(crate) increments: u32,
    /// The "now" of the decision behind it.
    pub(crate) as_of: Timestamp,
    /// When it was recorded.
    pub(crate) recorded_at: Timestamp,
    /// Newest bar it was given.
    pub(crate) data_through: NaiveDate,
    /// Rows it was given; of bars, those of its longest series.
    pub(crate) data_rows: u64,
    /// The newest import it was given.
    pub(crate) data_import: i64,
    /// Last target it or an ancestor was fitted on.
    pub(crate) seen_through: NaiveDate,
    /// Its folder in the store.
    pub(crate) prefix: String,
    /// SHA-256 of its manifest.
    pub(crate) manifest_hash: ContentHash,
    /// The manifest.
    pub(crate) manifest: Manifest,
    /// P(skill > 0), if it is known.
    pub(crate) reliability: Option<f64>,
    /// Skill on forward rows: the prior of the fleet is made of them.
    pub(crate) skill: Option<Skill>,
    /// How it was judged.
    pub(crate) verdict: Option<VerdictRecord>,
    /// Whether it ever answered.
    pub(crate) ever_live: bool,
    /// Its weights have been removed.
    pub(crate) thinned: bool,
    /// When lost weights came back; else they are as old as the version.
    pub(crate) restored_at: Option<Timestamp>,
}

impl Version {
    /// Where its artifact lies.
    pub(crate) fn artifact(&self) -> ArtifactRef {
        ArtifactRef {
            model: Some(self.model.clone()),
            version: self.number,
            prefix: self.prefix.clone(),
            manifest: self.manifest_hash,
            seen_through: self.seen_through,
        }
    }

    /// What it makes of its rows; others are not compared on them. None of bars.
    pub(crate) fn reads(&self) -> Option<Source> {
        self.manifest.snapshot.source().as_ref().map(Source::fitted)
    }
}

/// Adds a version. A second one of the same job or number violates a uniqueness rule.
pub(crate) async fn insert(db: &mut Connection, version: &Version) -> Result<()> {
    let mark = Mark::of(&version.manifest.snapshot);
    sql(
        "INSERT INTO versions (model, major, minor, job, attempt, status, mode, parent_major, parent_minor, increments, as_of, recorded_at,
             data_through, data_rows, data_import, seen_through, shape, prefix, manifest_hash, manifest, reliability, skill, skill_error, skill_rows,
             data_entry, data_matured)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)",
    )
    .bind(version.model.as_str())
    .bind(i64::from(version.number.major))
    .bind(i64::from(version.number.minor))
    .bind(version.job)
    .bind(version.attempt)
    .bind(version.status.as_str())
    .bind(version.mode.as_str())
    .bind(version.parent.map(|v| i64::from(v.major)))
    .bind(version.parent.map(|v| i64::from(v.minor)))
    .bind(i64::from(version.increments))
    .bind(version.as_of.0)
    .bind(version.recorded_at.0)
    .bind(date_text(version.data_through))
    .bind(version.data_rows as i64)
    .bind(version.data_import)
    .bind(date_text(version.seen_through))
    .bind(version.manifest.shape())
    .bind(&version.prefix)
    .bind(version.manifest_hash.to_string())
    .bind(serde_json::to_string(&version.manifest)?)
    .bind(version.reliability)
    .bind(version.skill.map(|skill| skill.mean))
    .bind(version.skill.map(|skill| skill.standard_error))
    .bind(version.skill.map(|skill| skill.rows as i64))
    .bind(mark.map_or(0, |mark| mark.entry.0 as i64))
    .bind(mark.map(|mark| date_text(mark.through)))
    .execute(db)
    .await?;
    Ok(())
}

/// Says where a version stands from here on; one that is live has been so for ever.
pub(crate) async fn set_status(
    db: &mut Connection,
    model: &ModelKey,
    number: VersionNumber,
    status: Status,
) -> Result<()> {
    sql("UPDATE versions SET status = $4, ever_live = CASE WHEN $5 = 1 THEN 1 ELSE ever_live END WHERE model = $1 AND major = $2 AND minor = $3")
        .bind(model.as_str())
        .bind(i64::from(number.major))
        .bind(i64::from(number.minor))
        .bind(status.as_str())
        .bind(i64::from(status == Status::Live))
        .execute(db)
        .await?;
    Ok(())
}

/// Keeps how a version was judged.
pub(crate) async fn set_verdict(
    db: &mut Connection,
    model: &ModelKey,
    number: VersionNumber,
    verdict: &VerdictRecord,
) -> Result<()> {
    sql("UPDATE versions SET verdict = $4 WHERE model = $1 AND major = $2 AND minor = $3")
        .bind(model.as_str())
        .bind(i64::from(number.major))
        .bind(i64::from(number.minor))
        .bind(serde_json::to_string(verdict)?)
        .execute(db)
        .await?;
    Ok(())
}

/// Keeps how far a version is trusted by now.
pub(crate) async fn set_skill(
    db: &mut Connection,
    model: &ModelKey,
    number: VersionNumber,
    skill: Skill,
    reliability: Option<f64>,
) -> Result<()> {
    sql("UPDATE versions SET skill = $4, skill_error = $5, skill_rows = $6, reliability = $7
         WHERE model = $1 AND major = $2 AND minor = $3")
    .bind(model.as_str())
    .bind(i64::from(number.major))
    .bind(i64::from(number.minor))
    .bind(skill.mean)
    .bind(skill.standard_error)
    .bind(skill.rows as i64)
    .bind(reliability)
    .execute(db)
    .await?;
    Ok(())
}

/// Remembers that a version's weights are gone; `false`: it has gone live meanwhile, as its model's pointer says, and keeps them.
pub(crate) async fn thin(db: &mut Connection, model: &ModelKey, number: VersionNumber) -> Result<bool> {
    let thinned = sql("UPDATE versions SET thinned = 1 WHERE model = $1 AND major = $2 AND minor = $3 AND NOT EXISTS (
             SELECT 1 FROM models m WHERE m.key = $1 AND m.live_major = $2 AND m.live_minor = $3)")
    .bind(model.as_str())
    .bind(i64::from(number.major))
    .bind(i64::from(number.minor));
    Ok(thinned.execute(db).await? == 1)
}

/// Remembers that a version's weights are there again, and since when.
pub(crate) async fn restore(
    db: &mut Connection,
    model: &ModelKey,
    number: VersionNumber,
    now: Timestamp,
) -> Result<()> {
    sql("UPDATE versions SET thinned = 0, restored_at = $4 WHERE model = $1 AND major = $2 AND minor = $3")
        .bind(model.as_str())
        .bind(i64::from(number.major))
        .bind(i64::from(number.minor))
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// One version.
pub(crate) async fn get(db: &mut Connection, model: &ModelKey, number: VersionNumber) -> Result<Option<Version>> {
    let row = sql("SELECT * FROM versions WHERE model = $1 AND major = $2 AND minor = $3")
        .bind(model.as_str())
        .bind(i64::from(number.major))
        .bind(i64::from(number.minor))
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Those of some versions that there are.
pub(crate) async fn numbered(
    db: &mut Connection,
    wanted: &[(ModelKey, VersionNumber)],
) -> Result<HashMap<(ModelKey, VersionNumber), Version>> {
    let mut found = HashMap::with_capacity(wanted.len());
    for part in lists(wanted) {
        let versions = sql("WITH wanted (model, major, minor) AS (VALUES ")
            .rows(part, |(model, number)| [model.as_str().into(), number.major.into(), number.minor.into()])
            .then(
                ") SELECT v.* FROM wanted w
                 JOIN versions v ON v.model = w.model AND v.major = w.major AND v.minor = w.minor",
            );
        for version in versions.read_each(&mut *db, read).await? {
            found.insert((version.model.clone(), version.number), version);
        }
    }
    Ok(found)
}

/// Where a version's artifact lies: of its row, only what whoever loads it needs.
pub(crate) async fn artifact(
    db: &mut Connection,
    model: &ModelKey,
    number: VersionNumber,
) -> Result<Option<ArtifactRef>> {
    let row =
        sql("SELECT prefix, manifest_hash, seen_through FROM versions WHERE model = $1 AND major = $2 AND minor = $3")
            .bind(model.as_str())
            .bind(i64::from(number.major))
            .bind(i64::from(number.minor))
            .fetch_optional(db)
            .await?;
    let read = |row: Row| -> Result<_> {
        Ok(ArtifactRef {
            model: Some(model.clone()),
            version: number,
            prefix: row.text("prefix")?,
            manifest: row.parsed("manifest_hash")?,
            seen_through: row.date("seen_through")?,
        })
    };
    row.map(read).transpose()
}

/// The version a job led to.
pub(crate) async fn of_job(db: &mut Connection, job: JobId) -> Result<Option<Version>> {
    let row = sql("SELECT * FROM versions WHERE job = $1").bind(job).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// A model's versions, newest first.
pub(crate) async fn of_model(db: &mut Connection, model: &ModelKey) -> Result<Vec<Version>> {
    Ok(of_models(db, Scope::Of(std::slice::from_ref(model))).await?.remove(model).unwrap_or_default())
}

/// The versions of models that have any, newest first.
pub(crate) async fn of_models(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, Vec<Version>>> {
    let mut found: HashMap<ModelKey, Vec<Version>> = HashMap::new();
    for version in of.read_each(db, "SELECT * FROM versions", " WHERE model IN ", read).await? {
        found.entry(version.model.clone()).or_default().push(version);
    }
    found.values_mut().for_each(|all| all.sort_by_key(|version| Reverse((version.recorded_at, version.number))));
    Ok(found)
}

/// The gaps of live versions that were trained incrementally, where measured, by model. Of their manifests nothing else is kept.
pub(crate) async fn gaps(db: &mut Connection) -> Result<BTreeMap<ModelKey, IncrementalGap>> {
    #[derive(Deserialize)]
    struct Measured {
        gap: Option<IncrementalGap>,
    }
    // In this order: all models are read, and of the versions those that are live.
    let live = sql("SELECT v.model, v.manifest FROM models m CROSS JOIN versions v
         WHERE v.model = m.key AND v.major = m.live_major AND v.minor = m.live_minor AND v.mode = 'incremental'");
    let read = |row: &Row| Ok((row.parsed("model")?, row.json::<Measured>("manifest")?.gap));
    let all: Vec<(ModelKey, Option<IncrementalGap>)> = live.read_each(db, read).await?;
    Ok(all.into_iter().filter_map(|(model, gap)| Some((model, gap?))).collect())
}

/// Every number given so far to a model's versions.
pub(crate) async fn numbers(db: &mut Connection, model: &ModelKey) -> Result<Vec<VersionNumber>> {
    let rows = sql("SELECT major, minor FROM versions WHERE model = $1").bind(model.as_str()).fetch_all(db).await?;
    rows.iter().map(Row::number).collect()
}

/// The skill of every live version of a family: what the prior of another's is made of.
pub(crate) async fn fleet(db: &mut Connection, family: Family) -> Result<Fleet> {
    let skills = sql("SELECT m.key, v.skill, v.skill_error, v.skill_rows FROM models m
         JOIN versions v ON v.model = m.key AND v.major = m.live_major AND v.minor = m.live_minor
         WHERE v.skill IS NOT NULL AND m.family = $1")
    .bind(family.as_str())
    .read_each(db, |row| Ok((row.parsed("key")?, read_skill(row)?)))
    .await?;
    Ok(Fleet::new(family, skills.into_iter().filter_map(|(key, skill)| Some((key, skill?))).collect()))
}

fn read_skill(row: &Row) -> Result<Option<Skill>> {
    let (mean, error, rows) = (row.opt_real("skill")?, row.opt_real("skill_error")?, row.opt_int("skill_rows")?);
    Ok(match (mean, error, rows) {
        (Some(mean), Some(standard_error), Some(rows)) => Some(Skill { mean, standard_error, rows: rows as usize }),
        (None, _, _) | (_, None, _) | (_, _, None) => None,
    })
}

pub(super) fn read(row: &Row) -> Result<Version> {
    let status = row.text("status")?;
    let known = Status::ALL.into_iter().find(|s| s.as_str() == status);
    Ok(Version {
        model: row.parsed("model")?,
        number: row.number()?,
        job: row.id("job")?,
        attempt: row.id("attempt")?,
        status: known.ok_or(Error::Corrupt { column: "status", value: status, reason: "no such status".into() })?,
        mode: row.parsed("mode")?,
        parent: row.version("parent_major", "parent_minor")?,
        increments: row.small("increments")?,
        as_of: row.time("as_of")?,
        recorded_at: row.time("recorded_at")?,
        data_through: row.date("data_through")?,
        data_rows: row.count("data_rows")?,
        data_import: row.int("data_import")?,
        seen_through: row.date("seen_through")?,
        prefix: row.text("prefix")?,
        manifest_hash: row.parsed("manifest_hash")?,
        manifest: row.json("manifest")?,
        reliability: row.opt_real("reliability")?,
        skill: read_skill(row)?,
        verdict: row.opt_json("verdict")?,
        ever_live: row.flag("ever_live")?,
        thinned: row.flag("thinned")?,
        restored_at: row.opt_time("restored_at")?,
    })
}
