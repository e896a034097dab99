//! Rows of imports that a kill cut short: nobody has ever seen them, and the next import of their data set may be long in coming.

use common::vocabulary::Timestamp;

use super::turn::Turn;
use crate::db::{self, Database};
use crate::service::error::Result;

/// What stands in the place of a file's name.
const FILE: &str = "(rows removed that a broken import had left)";

/// Removes them; how many data sets had any. An import that is still at work is left alone.
pub(crate) async fn remove(db: &Database) -> Result<u64> {
    let mut removed = 0;
    let all = db::datasets::unfinished(&mut *db.read().await?).await?;
    for left in all {
        let name = left.name.clone();
        if let Some(turn) = Turn::inherit(db, left, FILE, Timestamp::now()).await? {
            turn.leave().await?;
            tracing::info!(dataset = %name, "rows that a broken import had left are removed");
            removed += 1;
        }
    }
    Ok(removed)
}
