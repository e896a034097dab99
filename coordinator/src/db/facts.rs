//! What decisions need to know of models: a handful of statements, whatever the number of models; for one model, its rows alone.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;
use common::vocabulary::{Hyper, JobId, JobSpec, Mode, ModelKey, Source, SplitPolicy, Timestamp, VersionNumber};
use domain::job_reason::JobReason;

use super::changes::{LogPosition, Mark};
use super::jobs::Request;
use super::versions::Status;
use super::{Connection, Result, Row, Scope};
use crate::wording::StoredMessage as _;

/// A live version, as far as decisions go.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Live {
    /// Its number.
    pub(crate) version: VersionNumber,
    /// Incremental trainings since the last complete one.
    pub(crate) increments: u32,
    /// The "now" of the decision behind it.
    pub(crate) trained_at: Timestamp,
    /// P(skill > 0), if known.
    pub(crate) reliability: Option<f64>,
    /// Newest bar it was given.
    pub(crate) data_through: NaiveDate,
    /// Rows it was given; of bars, those of its longest series.
    pub(crate) rows: u64,
    /// How far it was given the log of a data set.
    pub(crate) mark: Option<Mark>,
    /// The newest import it was given.
    pub(crate) import: i64,
    /// What an incremental training cannot change.
    pub(crate) shape: String,
}

/// A model's judged versions.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct History {
    /// The one that answers.
    pub(crate) live: Option<Live>,
    /// All of them, newest first.
    pub(crate) judged: Vec<Judged>,
}

impl History {
    /// The versions that were rejected since the last one that answered, newest first.
    pub(crate) fn rejected(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().take_while(|version| version.rejected && !version.ever_live)
    }

    /// The versions that were trained completely, newest first.
    pub(crate) fn complete(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|version| version.mode != Mode::Incremental)
    }

    /// The newest version, if it has never answered: trained since the live one, it waits or was rejected.
    pub(crate) fn tried(&self) -> Option<&Judged> {
        self.judged.first().filter(|version| !version.ever_live)
    }

    /// How far those versions were given a log that new rows are counted from.
    pub(crate) fn marks(&self) -> impl Iterator<Item = Mark> {
        let live = self.live.as_ref().and_then(|live| live.mark);
        let judged = self.rejected().take(1).chain(self.complete().take(1)).chain(self.tried());
        let judged = judged.filter_map(|version| version.mark);
        live.into_iter().chain(judged)
    }
}

/// A version that was judged, as far as the next decision goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    /// Its number.
    pub(crate) number: VersionNumber,
    /// When it was recorded.
    pub(crate) recorded_at: Timestamp,
    /// How it was trained.
    pub(crate) mode: Mode,
    /// The "now" of the decision behind it.
    pub(crate) trained_at: Timestamp,
    /// Rows it was given; of bars, those of its longest series.
    pub(crate) rows: u64,
    /// How far it was given the log of a data set.
    pub(crate) mark: Option<Mark>,
    /// Whether it ever answered.
    pub(crate) ever_live: bool,
    /// Judged and found wanting.
    pub(crate) rejected: bool,
    /// Its mean skill, if known.
    pub(crate) skill: Option<f64>,
    /// The newest import it was given.
    pub(crate) import: i64,
    /// What an incremental training cannot change.
    pub(crate) shape: String,
}

/// A training that failed because of its rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failed {
    /// What went wrong.
    pub(crate) reason: JobReason,
    /// How it was trained.
    pub(crate) mode: Mode,
    /// The version that an incremental one started from.
    pub(crate) parent: Option<VersionNumber>,
    /// With which hyper-parameters.
    pub(crate) hyper: Hyper,
    /// How rows were parted.
    pub(crate) split: SplitPolicy,
    /// Rows it was given; of bars, those of its longest series.
    pub(crate) rows: u64,
    /// The newest import it was given.
    pub(crate) import: i64,
    /// The rows it read, and how; of bars nothing.
    pub(crate) source: Option<Source>,
}

/// The judged versions of every model that has any. All of them in one pass: at 100,000 models, rows are what costs.
pub(crate) async fn histories(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, History>> {
    const TEXT: &str = "SELECT model, major, minor, mode, status, as_of, recorded_at, data_rows, ever_live, skill,
             increments, reliability, data_through, data_import, data_entry, data_matured, shape
         FROM versions WHERE status NOT IN ('reproduction', 'superseded', 'judging')";
    let mut histories: HashMap<ModelKey, History> = HashMap::new();
    of.read_each(db, TEXT, " AND model IN ", |row| {
        let history = histories.entry(row.parsed("model")?).or_default();
        let status = row.text("status")?;
        if status == Status::Live.as_str() {
            history.live = Some(read_live(row)?);
        }
        history.judged.push(read_judged(row, status == Status::Rejected.as_str())?);
        Ok(())
    })
    .await?;
    for history in histories.values_mut() {
        history.judged.sort_by_key(|version| Reverse((version.recorded_at, version.number)));
    }
    Ok(histories)
}

fn read_live(row: &Row) -> Result<Live> {
    Ok(Live {
        version: row.number()?,
        increments: row.small("increments")?,
        trained_at: row.time("as_of")?,
        reliability: row.opt_real("reliability")?,
        data_through: row.date("data_through")?,
        rows: row.count("data_rows")?,
        mark: mark(row)?,
        import: row.int("data_import")?,
        shape: row.text("shape")?,
    })
}

fn read_judged(row: &Row, rejected: bool) -> Result<Judged> {
    Ok(Judged {
        number: row.number()?,
        recorded_at: row.time("recorded_at")?,
        mode: row.parsed("mode")?,
        trained_at: row.time("as_of")?,
        rows: row.count("data_rows")?,
        mark: mark(row)?,
        ever_live: row.flag("ever_live")?,
        rejected,
        skill: row.opt_real("skill")?,
        import: row.int("data_import")?,
        shape: row.text("shape")?,
    })
}

fn mark(row: &Row) -> Result<Option<Mark>> {
    let through: Option<NaiveDate> = row.opt_parsed("data_matured")?;
    let entry = LogPosition(row.count("data_entry")?);
    Ok(through.map(|through| Mark { entry, through }))
}

/// The training in the backlog or running, of every model that has one.
pub(crate) async fn active(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, JobId>> {
    const TEXT: &str = "SELECT model, id FROM jobs WHERE kind = 'train' AND reproduces IS NULL
         AND state IN ('queued', 'dispatched', 'running', 'judging')";
    let all = of.read_each(db, TEXT, " AND model IN ", |row| Ok((row.parsed("model")?, row.id("id")?))).await?;
    Ok(all.into_iter().collect())
}

/// Trainings that failed because of their rows and that none has followed that came to an end, newest first.
pub(crate) async fn failed(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<HashMap<ModelKey, Vec<Failed>>> {
    const TEXT: &str =
        "SELECT j.model, j.mode, j.why, j.data_rows, j.data_import, j.request, j.spec, j.enqueued_at FROM jobs j
         WHERE j.state = 'failed' AND j.failure = 'data' AND j.kind = 'train' AND j.reproduces IS NULL
           AND NOT EXISTS (SELECT 1 FROM jobs l WHERE l.model = j.model AND l.enqueued_at > j.enqueued_at
                           AND l.kind = 'train' AND l.reproduces IS NULL AND l.state = 'completed')";
    let read = |row: &Row| Ok((row.parsed::<ModelKey>("model")?, row.time("enqueued_at")?, read_failed(row)?));
    let mut all = of.read_each(db, TEXT, " AND j.model IN ", read).await?;
    all.sort_by_key(|(_, at, _)| Reverse(*at));
    let mut by_model: HashMap<ModelKey, Vec<Failed>> = HashMap::new();
    for (model, _, failed) in all {
        by_model.entry(model).or_default().extend(failed);
    }
    Ok(by_model)
}

/// Nothing of a job that failed before its rows were frozen: there were none.
fn read_failed(row: &Row) -> Result<Option<Failed>> {
    let Some(JobSpec::Train(spec)) = row.opt_json("spec")? else { return Ok(None) };
    let Some(Request { hyper, split, .. }) = row.opt_json("request")? else { return Ok(None) };
    Ok(Some(Failed {
        reason: JobReason::read(row.text("why")?),
        mode: row.parsed("mode")?,
        parent: spec.parent.as_ref().map(|parent| parent.version),
        hyper,
        split,
        rows: row.opt_int("data_rows")?.unwrap_or_default().unsigned_abs(),
        import: row.opt_int("data_import")?.unwrap_or_default(),
        source: spec.snapshot.source(),
    }))
}

/// A version that waits for more rows to be judged on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waiting {
    pub(crate) model: ModelKey,
    /// Its number.
    pub(crate) version: VersionNumber,
    /// The training it came from.
    pub(crate) job: JobId,
    /// Rows there were when it was last judged.
    pub(crate) rows: u64,
}

/// Versions that wait and have no successor yet, unless they are being scored again.
pub(crate) async fn waiting(db: &mut Connection, of: Scope<'_, ModelKey>) -> Result<Vec<Waiting>> {
    const TEXT: &str = "SELECT v.model, v.major, v.minor, v.job, v.data_rows,
             (SELECT max(j.data_rows) FROM jobs j
              WHERE j.model = v.model AND j.kind = 'evaluate' AND j.state = 'completed') AS scored_rows
         FROM versions v
         WHERE v.status = 'waiting'
           AND NOT EXISTS (SELECT 1 FROM versions n WHERE n.model = v.model AND n.recorded_at > v.recorded_at
                           AND n.status <> 'reproduction')
           AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.model = v.model AND j.kind = 'evaluate'
                           AND j.state IN ('queued', 'dispatched', 'running', 'judging'))";
    let read = |row: &Row| -> Result<Waiting> {
        Ok(Waiting {
            model: row.parsed("model")?,
            version: row.number()?,
            job: row.id("job")?,
            rows: row.count("data_rows")?.max(row.opt_int("scored_rows")?.unwrap_or_default().unsigned_abs()),
        })
    };
    of.read_each(db, TEXT, " AND v.model IN ", read).await
}
