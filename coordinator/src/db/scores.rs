//! Rows scored by versions that had not seen them, beside the baseline: what reliability is computed from.

use chrono::NaiveDate;
use common::vocabulary::{ModelKey, VersionNumber};

use super::{CHUNK, Connection, Result, Row, date_text, sql};

/// One scored row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Score {
    /// The target's date.
    pub(crate) date: NaiveDate,
    /// Names the row among those of its date.
    pub(crate) key: String,
    /// What it is one of several observations of.
    pub(crate) unit: String,
    /// The version's loss.
    pub(crate) loss: f64,
    /// The hardest baseline's.
    pub(crate) baseline: f64,
    /// It came after the version was trained; else it was held out.
    pub(crate) arrived: bool,
}

/// Keeps scores of a version; one scored before stays.
pub(crate) async fn insert(
    db: &mut Connection,
    model: &ModelKey,
    version: VersionNumber,
    scores: &[Score],
) -> Result<()> {
    for chunk in scores.chunks(CHUNK) {
        sql("INSERT INTO forward_scores (model, major, minor, date, key, unit, loss, baseline, arrived) VALUES ")
            .rows(chunk, |score| {
                [
                    model.as_str().into(),
                    version.major.into(),
                    version.minor.into(),
                    date_text(score.date).into(),
                    score.key.as_str().into(),
                    score.unit.as_str().into(),
                    score.loss.into(),
                    score.baseline.into(),
                    score.arrived.into(),
                ]
            })
            .then(" ON CONFLICT DO NOTHING")
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// The newest rows that a version was scored on, oldest first.
pub(crate) async fn newest(
    db: &mut Connection,
    model: &ModelKey,
    version: VersionNumber,
    most: u32,
) -> Result<Vec<Score>> {
    let read = |row: &Row| -> Result<Score> {
        Ok(Score {
            date: row.date("date")?,
            key: row.text("key")?,
            unit: row.text("unit")?,
            loss: row.real("loss")?,
            baseline: row.real("baseline")?,
            arrived: row.flag("arrived")?,
        })
    };
    let mut scores = sql("SELECT * FROM forward_scores WHERE model = $1 AND major = $2 AND minor = $3
         ORDER BY date DESC, key DESC LIMIT $4")
    .bind(model.as_str())
    .bind(i64::from(version.major))
    .bind(i64::from(version.minor))
    .bind(i64::from(most))
    .read_each(db, read)
    .await?;
    scores.reverse();
    Ok(scores)
}

/// How a version did on the rows of a day that it had not seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfDay {
    /// The target's date.
    pub(crate) date: NaiveDate,
    /// The version.
    pub(crate) version: VersionNumber,
    /// They came after the version was trained; else they were held out.
    pub(crate) arrived: bool,
    /// How many.
    pub(crate) rows: u64,
    /// Its mean loss.
    pub(crate) loss: f64,
    /// The hardest baseline's.
    pub(crate) baseline: f64,
}

/// Mean losses of versions that have been live, by day: those of the newest days, newest first.
pub(crate) async fn by_day(db: &mut Connection, model: &ModelKey, most: usize) -> Result<Vec<OfDay>> {
    sql("SELECT s.date, s.major, s.minor, s.arrived, count(*) AS rows, avg(s.loss) AS loss, avg(s.baseline) AS baseline
         FROM versions v JOIN forward_scores s ON s.model = v.model AND s.major = v.major AND s.minor = v.minor
         WHERE v.model = $1 AND v.ever_live <> 0
         GROUP BY s.date, s.major, s.minor, s.arrived ORDER BY s.date DESC LIMIT $2")
    .bind(model.as_str())
    .bind(most as i64)
    .read_each(db, |row| {
        Ok(OfDay {
            date: row.date("date")?,
            version: row.number()?,
            arrived: row.flag("arrived")?,
            rows: row.count("rows")?,
            loss: row.real("loss")?,
            baseline: row.real("baseline")?,
        })
    })
    .await
}
