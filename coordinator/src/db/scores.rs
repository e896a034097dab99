//! Rows scored by versions that had not seen them, beside the baseline: what reliability is computed from.

use chrono::NaiveDate;
use common::vocabulary::{ModelKey, Symbol, VersionNumber};
use sqlx::QueryBuilder;

use super::{CHUNK, Connection, Result, Sql, date_text};

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
        let mut statement: QueryBuilder<Sql> =
            QueryBuilder::new("INSERT INTO forward_scores (model, major, minor, symbol, date, loss, baseline) ");
        statement.push_values(chunk, |mut row, score| {
            row.push_bind(model.as_str().to_owned());
            row.push_bind(i64::from(version.major)).push_bind(i64::from(version.minor));
            row.push_bind(score.symbol.as_str().to_owned()).push_bind(date_text(score.date));
            row.push_bind(score.loss).push_bind(score.baseline);
        });
        statement.push(" ON CONFLICT DO NOTHING").build().execute(&mut *db).await?;
    }
    Ok(())
}
