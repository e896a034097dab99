//! A model's versions, newest first.

use std::collections::HashMap;

use common::vocabulary::{JobId, ModelKey, VersionNumber};
use serde::{Deserialize, Serialize};

use crate::db::versions::{Version, read};
use crate::db::{Connection, Result, lists, sql};

/// Where a version stands in that order: by when it was recorded, and its number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position(i64, u32, u32);

impl Position {
    /// Where this version stands.
    pub(crate) fn of(version: &Version) -> Self {
        Self(version.recorded_at.0, version.number.major, version.number.minor)
    }
}

/// So many versions of a model behind a position.
pub(crate) async fn behind(
    db: &mut Connection,
    model: &ModelKey,
    after: Option<Position>,
    count: u32,
) -> Result<Vec<Version>> {
    let Position(at, major, minor) = after.unwrap_or(Position(i64::MAX, u32::MAX, u32::MAX));
    sql("SELECT * FROM versions WHERE model = $1
             AND recorded_at <= $2 AND (recorded_at < $2 OR (major, minor) < ($3, $4))
         ORDER BY recorded_at DESC, major DESC, minor DESC LIMIT $5")
    .bind(model.as_str())
    .bind(at)
    .bind(major)
    .bind(minor)
    .bind(count)
    .read_each(db, read)
    .await
}

/// The numbers of the versions that some jobs led to.
pub(crate) async fn numbers_of_jobs(db: &mut Connection, jobs: &[JobId]) -> Result<HashMap<JobId, VersionNumber>> {
    let mut found = HashMap::new();
    for part in lists(jobs) {
        let numbers = sql("SELECT job, major, minor FROM versions WHERE job IN ").one_of(part.iter().copied());
        found.extend(numbers.read_each(&mut *db, |row| Ok((row.id("job")?, row.number()?))).await?);
    }
    Ok(found)
}
