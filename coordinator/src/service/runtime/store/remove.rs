//! Objects that are marked as being removed leave the store, never while a transaction is open.

use std::time::Duration;

use common::ports::StoreKey;
use common::vocabulary::Timestamp;
use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout};

use crate::db;
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;

/// Requests to the store under way at once.
const UNDER_WAY: usize = 16;
/// What of a batch has not been asked for by then is left to the next cleanup: no request may come when the removal counts as abandoned.
const IN_TIME: Duration = Duration::from_secs(60);
/// How long one request may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Seconds after which a removal was left by a coordinator that died, or could not reach the store: anybody may finish it.
pub(crate) const ABANDONED: f64 = 600.0;

/// Removes objects that are marked so, and says which are gone. What the store does not remove now stays marked, until somebody
/// finishes it.
pub(crate) async fn finish(core: &Core, keys: &[&str]) -> Result<Vec<String>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let begun = Instant::now();
    let removals: Vec<_> = keys.iter().map(|key| one(core, (*key).to_owned(), begun)).collect();
    let gone: Vec<Option<String>> = stream::iter(removals).buffer_unordered(UNDER_WAY).collect().await;
    let gone: Vec<String> = gone.into_iter().flatten().collect();
    let names: Vec<&str> = gone.iter().map(String::as_str).collect();
    let mut tx = core.db.begin().await?;
    db::deletion_marks::removed(&mut tx, &names, Timestamp::now()).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(gone)
}

/// Removes one object of a batch that was begun then; its key, if it is gone.
async fn one(core: &Core, key: String, begun: Instant) -> Option<String> {
    let in_time = begun.elapsed() < IN_TIME;
    match if in_time { delete(core, &key).await } else { Err(late()) } {
        Ok(()) => Some(key),
        Err(error) => {
            tracing::warn!(key, %error, "an object stays in the store until the next cleanup");
            None
        }
    }
}

async fn delete(core: &Core, key: &str) -> Result<()> {
    let key: StoreKey = key.parse()?;
    timeout(TIME_LIMIT, core.ports.store.delete(&key)).await.map_err(|_| late())??;
    Ok(())
}

fn late() -> Error {
    Error::Unavailable { reason: "the store is slow to remove objects".into() }
}
