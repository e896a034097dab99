//! Frozen rows that the store has lost or damaged are written anew: they are a copy, and the database holds what they are of.

use common::ports::{PortError, StoreKey};
use common::vocabulary::{BarsPart, ContentHash, Snapshot, TablePart};

use super::freeze_table;
use crate::db;
use crate::service::error::{Result, Unfit};
use crate::service::runtime::Core;

/// Makes whole what an attempt may have failed of. What cannot be made the same again stays lost, and is told by the next attempt.
pub(crate) async fn snapshots(core: &Core, snapshots: &[&Snapshot]) -> Result<()> {
    for snapshot in snapshots {
        match snapshot {
            Snapshot::Bars { parts, .. } => {
                for part in parts {
                    bars(core, part).await?;
                }
            }
            Snapshot::Table { parts, .. } => {
                for part in parts {
                    table(core, part).await?;
                }
            }
        }
    }
    Ok(())
}

async fn bars(core: &Core, part: &BarsPart) -> Result<()> {
    if is_whole(core, part.hash).await? {
        return Ok(());
    }
    let all = db::bars::all(&mut *core.db.read().await?, &part.symbol).await?;
    let (symbol, days) = (part.symbol.clone(), part.first..=part.last);
    let bars = all.into_iter().filter(|(day, _)| days.contains(day)).map(|(_, bar)| bar).collect::<Vec<_>>();
    let file = tokio::task::spawn_blocking(move || common::bars::encode(&symbol, &bars)).await??;
    let hash = ContentHash::of(&file);
    if hash == part.hash {
        core.ports.store.put(&StoreKey::snapshot(&hash), file).await.map_err(Unfit::Port)?;
    }
    log_replaced(part.hash, hash, part.symbol.as_str());
    Ok(())
}

async fn table(core: &Core, part: &TablePart) -> Result<()> {
    if is_whole(core, part.hash).await? {
        return Ok(());
    }
    // What is damaged would be taken for what is there.
    core.ports.store.delete(&StoreKey::snapshot(&part.hash)).await.map_err(Unfit::Port)?;
    if let Some(hash) = freeze_table::again(core, part).await? {
        log_replaced(part.hash, hash, part.dataset.as_str());
    }
    Ok(())
}

fn log_replaced(lost: ContentHash, written: ContentHash, rows: &str) {
    match lost == written {
        true => tracing::warn!(%lost, rows, "the store had lost or damaged frozen rows: they are whole again"),
        false => tracing::error!(%lost, rows, "the store has lost or damaged frozen rows that have changed since"),
    }
}

async fn is_whole(core: &Core, hash: ContentHash) -> Result<bool> {
    let file = tempfile::NamedTempFile::new_in(&core.settings.data_dir)?;
    match core.ports.store.download(&StoreKey::snapshot(&hash), file.path(), &hash).await {
        Ok(()) => Ok(true),
        Err(PortError::NotFound { .. } | PortError::Damaged { .. }) => Ok(false),
        Err(error) => Err(Unfit::Port(error).into()),
    }
}
