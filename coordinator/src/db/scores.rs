//! Rows scored by versions that had not seen them, beside the baseline: what reliability is computed from.

use chrono::NaiveDate;
use common::vocabulary::{ModelKey, Symbol, VersionNumber};

use super::{CHUNK, Connection, Result, date_text, sql};

/// One scored row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Score {
    /// Whose bar.
    pub(crate) symbol: Symbol,
    /// The target's date.
    pub(crate) date: NaiveDate,
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
        sql("INSERT INTO forward_scores (model, major, minor, symbol, date, loss, baseline) VALUES ")
            .rows(chunk, |score| {
                [
                    model.as_str().into(),
                    version.major.into(),
                    version.minor.into(),
                    score.symbol.as_str().into(),
                    date_text(score.date).into(),
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
