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
