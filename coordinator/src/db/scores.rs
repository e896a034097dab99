//! Rows scored by versions that had not seen them, beside the baseline: what reliability is computed from.

use chrono::NaiveDate;
use common::vocabulary::{ModelKey, VersionNumber};

use super::{CHUNK, Connection, Result, date_text, sql};

/// One scored row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Score {
    /// The target's date.
    pub(crate) date: NaiveDate,
    /// Names the row among those of its date.
    pub(crate) key: String,
    /// The version's loss.
    pub(crate) loss: f64,
    /// The hardest baseline's.
    pub(crate) baseline: f64,
}

/// Keeps scores of a version; one scored before stays.
pub(crate) async fn insert(
    db: &mut Connection,
    model: &ModelKey,
    version: VersionNumber,
    scores: &[Score],
) -> Result<()> {
    for chunk in scores.chunks(CHUNK) {
        sql("INSERT INTO forward_scores (model, major, minor, date, key, loss, baseline) VALUES ")
            .rows(chunk, |score| {
                [
                    model.as_str().into(),
                    version.major.into(),
                    version.minor.into(),
                    date_text(score.date).into(),
                    score.key.as_str().into(),
                    score.loss.into(),
                    score.baseline.into(),
                ]
            })
            .then(" ON CONFLICT DO NOTHING")
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}
