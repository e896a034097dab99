//! Objects leave the store, never while a transaction is open:
//!
//! ```text
//! marked for deletion ─► [transaction] removing, its file forgotten ─► the store ─► [transaction] removed ─► a day later forgotten
//! ```
//!
//! Whoever wants an object back sees these marks in its own transaction (`service::runtime::store::keep`).

use std::collections::HashMap;

use common::vocabulary::Timestamp;

use crate::db;
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::store::remove::finish;
use crate::views::CleanupReport;

/// Objects that are being removed at a time.
const BATCH: usize = 200;

/// Removes what has been marked since `due` and still is.
pub(super) async fn all(core: &Core, keys: &[(&str, u64)], due: Timestamp, report: &mut CleanupReport) -> Result<()> {
    let sizes: HashMap<&str, u64> = keys.iter().copied().collect();
    for batch in keys.chunks(BATCH) {
        let keys: Vec<&str> = batch.iter().map(|(key, _)| *key).collect();
        let taken = begin(core, &keys, due).await?;
        let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        for key in finish(core, &taken).await? {
            report.bytes += sizes.get(key.as_str()).copied().unwrap_or(0);
            report.deleted.push(key);
        }
    }
    report.deleted.sort();
    Ok(())
}

/// Marks them. A file of frozen rows is forgotten with the mark: a freeze from now on writes it anew.
async fn begin(core: &Core, keys: &[&str], due: Timestamp) -> Result<Vec<String>> {
    let mut tx = core.db.begin().await?;
    let taken = db::deletion_marks::remove(&mut tx, keys, due, Timestamp::now()).await?;
    for hash in taken.iter().filter_map(|key| snapshot_hash(key)) {
        db::snapshots::forget(&mut tx, hash).await?;
        db::dataset_parts::forget(&mut tx, hash).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(taken)
}

fn snapshot_hash(key: &str) -> Option<&str> {
    key.strip_prefix("snapshots/")?.strip_suffix(".parquet")
}
