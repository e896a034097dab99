//! What models have lived through, for those who replay it.

use chrono::NaiveDate;
use common::vocabulary::{JobState, Mode, ModelKey, Symbol, Timestamp, VersionNumber};

use super::{Connection, Result, date_text, sql};

/// The days of a symbol's bars, oldest first, up to one.
pub(crate) async fn days_of_bars(db: &mut Connection, symbol: &Symbol, to: NaiveDate) -> Result<Vec<NaiveDate>> {
    sql("SELECT date FROM bars WHERE symbol = $1 AND date <= $2 ORDER BY date")
        .bind(symbol.as_str())
        .bind(date_text(to))
        .read_each(db, |row| row.date("date"))
        .await
}

/// When a version went live.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WentLive {
    /// The version.
    pub(crate) version: VersionNumber,
    /// When the decision behind it was made.
    pub(crate) trained_at: Timestamp,
    /// Rows it was given …
    pub(crate) rows: u64,
    /// … up to this day.
    pub(crate) through: NaiveDate,
}

/// The versions of a model that have been live, oldest first.
pub(crate) async fn went_live(db: &mut Connection, model: &ModelKey) -> Result<Vec<WentLive>> {
    sql("SELECT major, minor, as_of, data_rows, data_through FROM versions WHERE model = $1 AND ever_live <> 0 ORDER BY as_of, major, minor")
        .bind(model.as_str())
        .read_each(db, |row| {
            Ok(WentLive {
                version: row.number()?,
                trained_at: row.time("as_of")?,
                rows: row.count("data_rows")?,
                through: row.date("data_through")?,
            })
        })
        .await
}

/// A training that was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trained {
    /// How.
    pub(crate) mode: Mode,
    /// Seconds from its start to its end.
    pub(crate) seconds: f64,
}

/// The trainings of a model that were decided on after a moment and up to another, and completed.
pub(crate) async fn trainings(
    db: &mut Connection,
    model: &ModelKey,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Trained>> {
    sql("SELECT mode, started_at, ended_at FROM jobs
         WHERE model = $1 AND kind = 'train' AND reproduces IS NULL AND state = $2 AND as_of > $3 AND as_of <= $4
           AND started_at IS NOT NULL AND mode IS NOT NULL")
    .bind(model.as_str())
    .bind(JobState::Completed.as_str())
    .bind(from.0)
    .bind(to.0)
    .read_each(db, |row| {
        let seconds = row.time("ended_at")?.seconds_since(row.time("started_at")?).max(0.0);
        Ok(Trained { mode: row.parsed("mode")?, seconds })
    })
    .await
}
