//! What decisions need to know of all models at once: a handful of statements, whatever the number of models.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;
use common::vocabulary::{JobId, JobSpec, Mode, ModelKey, Source, Timestamp, VersionNumber};

use super::versions::Status;
use super::{Connection, Error, Result, Row, sql};

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
    /// Bars it was given.
    pub(crate) rows: u64,
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
    /// Bars it was given.
    pub(crate) rows: u64,
    /// Whether it ever answered.
    pub(crate) ever_live: bool,
    /// Judged and found wanting.
    pub(crate) rejected: bool,
    /// Its mean skill, if known.
    pub(crate) skill: Option<f64>,
}

/// The latest training of a model that has ended without a result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Broken {
    /// What went wrong.
    pub(crate) why: String,
    /// The newest import it was given.
    pub(crate) import: i64,
    /// The rows it read, and how; of bars nothing.
    pub(crate) source: Option<Source>,
}

/// The judged versions of every model that has any. All of them in one pass: at 100,000 models, rows are what costs.
pub(crate) async fn histories(db: &mut Connection) -> Result<HashMap<ModelKey, History>> {
    let mut histories: HashMap<ModelKey, History> = HashMap::new();
    sql("SELECT model, major, minor, mode, status, as_of, recorded_at, data_rows, ever_live, skill,
             increments, reliability, data_through, data_import, shape
         FROM versions WHERE status NOT IN ('reproduction', 'superseded', 'judging')")
    .read_each(db, |row| {
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
        version: number(row)?,
        increments: row.small("increments")?,
        trained_at: row.time("as_of")?,
        reliability: row.opt_real("reliability")?,
        data_through: row.date("data_through")?,
        rows: row.count("data_rows")?,
        import: row.int("data_import")?,
        shape: row.text("shape")?,
    })
}

fn read_judged(row: &Row, rejected: bool) -> Result<Judged> {
    Ok(Judged {
        number: number(row)?,
        recorded_at: row.time("recorded_at")?,
        mode: row.parsed("mode")?,
        trained_at: row.time("as_of")?,
        rows: row.count("data_rows")?,
        ever_live: row.flag("ever_live")?,
        rejected,
        skill: row.opt_real("skill")?,
    })
}

fn number(row: &Row) -> Result<VersionNumber> {
    Ok(VersionNumber { major: row.small("major")?, minor: row.small("minor")? })
}

/// The training in the line or running, of every model that has one.
pub(crate) async fn active(db: &mut Connection) -> Result<HashMap<ModelKey, JobId>> {
    let rows = sql("SELECT model, id FROM jobs WHERE kind = 'train' AND reproduces IS NULL
         AND state IN ('queued', 'dispatched', 'running', 'judging')")
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.parsed("model")?, row.id("id")?))).collect()
}

/// Models whose latest training failed because of its data.
pub(crate) async fn broken(db: &mut Connection) -> Result<HashMap<ModelKey, Broken>> {
    let rows = sql("SELECT j.model, j.why, j.data_import, j.spec FROM jobs j
         JOIN (SELECT model, max(enqueued_at) AS latest FROM jobs
               WHERE kind = 'train' AND reproduces IS NULL AND state IN ('completed', 'failed') GROUP BY model) l
             ON l.model = j.model AND l.latest = j.enqueued_at
         WHERE j.state = 'failed' AND j.failure = 'data'")
    .fetch_all(db)
    .await?;
    let read = |row: &Row| -> Result<(ModelKey, Broken)> {
        let source = match row.opt_json("spec")? {
            Some(JobSpec::Train(spec)) => spec.snapshot.source(),
            Some(JobSpec::Evaluate(_) | JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_)) | None => None,
        };
        let import = row.opt_int("data_import")?.unwrap_or_default();
        Ok((row.parsed("model")?, Broken { why: row.text("why")?, import, source }))
    };
    rows.iter().map(read).collect::<std::result::Result<_, Error>>()
}

/// A version that waits for more rows to be judged on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waiting {
    /// Whose.
    pub(crate) model: ModelKey,
    /// Its number.
    pub(crate) version: VersionNumber,
    /// The training it came from.
    pub(crate) job: JobId,
    /// Bars there were when it was last judged.
    pub(crate) rows: u64,
}

/// Versions that wait and have no successor yet, unless they are being scored again.
pub(crate) async fn waiting(db: &mut Connection) -> Result<Vec<Waiting>> {
    let rows = sql("SELECT v.model, v.major, v.minor, v.job, v.data_rows,
             (SELECT max(j.data_rows) FROM jobs j
              WHERE j.model = v.model AND j.kind = 'evaluate' AND j.state = 'completed') AS scored_rows
         FROM versions v
         WHERE v.status = 'waiting'
           AND NOT EXISTS (SELECT 1 FROM versions n WHERE n.model = v.model AND n.recorded_at > v.recorded_at
                           AND n.status <> 'reproduction')
           AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.model = v.model AND j.kind = 'evaluate'
                           AND j.state IN ('queued', 'dispatched', 'running', 'judging'))")
    .fetch_all(db)
    .await?;
    let read = |row: &Row| -> Result<Waiting> {
        Ok(Waiting {
            model: row.parsed("model")?,
            version: number(row)?,
            job: row.id("job")?,
            rows: row.count("data_rows")?.max(row.opt_int("scored_rows")?.unwrap_or_default().unsigned_abs()),
        })
    };
    rows.iter().map(read).collect()
}
