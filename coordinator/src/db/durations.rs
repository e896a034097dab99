//! How long trainings have taken.

use common::vocabulary::{Mode, ModelKey};

use super::{Connection, Result, Row, sql};

/// Trainings that are read: of the model, and of all.
const READ: i64 = 200;

/// A training that has been completed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trained {
    /// Whose.
    pub(crate) model: ModelKey,
    /// How.
    pub(crate) mode: Option<Mode>,
    /// Seconds from the start of its last attempt to its end.
    pub(crate) seconds: f64,
}

/// The newest completed trainings of a model, and the newest of all.
pub(crate) async fn trainings(db: &mut Connection, model: &ModelKey) -> Result<Vec<Trained>> {
    let mut found = sql("SELECT model, mode, started_at, ended_at FROM jobs
         WHERE model = $1 AND kind = 'train' AND state = 'completed' AND started_at IS NOT NULL
         ORDER BY enqueued_at DESC LIMIT $2")
    .bind(model.as_str())
    .bind(READ)
    .read_each(&mut *db, read)
    .await?;
    let others = sql("SELECT model, mode, started_at, ended_at FROM
             (SELECT * FROM jobs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT $1) newest
         WHERE kind = 'train' AND state = 'completed' AND started_at IS NOT NULL")
    .bind(READ)
    .read_each(db, read)
    .await?;
    found.extend(others.into_iter().filter(|one| one.model != *model));
    Ok(found)
}

fn read(row: &Row) -> Result<Trained> {
    let seconds = row.time("ended_at")?.seconds_since(row.time("started_at")?).max(0.0);
    Ok(Trained { model: row.parsed("model")?, mode: row.opt_parsed("mode")?, seconds })
}
