//! Files put back into the store stay there, though a cleanup may be at work: it must not delete what it has condemned before.

use std::collections::BTreeSet;

use common::ports::StoreKey;

use super::Result;
use super::core::Core;
use crate::db::{self, Connection};

/// Takes condemned files back, before they are written.
pub(super) async fn pardon(core: &Core, keys: &[StoreKey]) -> Result<()> {
    let mut tx = core.db.begin().await?;
    pardon_each(&mut tx, keys).await?;
    Ok(tx.commit().await.map_err(db::Error::from)?)
}

/// Takes files of a folder back once more, in the transaction that makes them needed; whether each of them is still there. While the
/// transaction lasts, nothing is deleted: what was deleted before is seen here.
pub(super) async fn are_there(core: &Core, tx: &mut Connection, folder: &StoreKey, keys: &[StoreKey]) -> Result<bool> {
    pardon_each(tx, keys).await?;
    let there = in_folder(core, folder).await?;
    Ok(keys.iter().all(|key| there.contains(key)))
}

/// What lies in a folder of the store.
pub(super) async fn in_folder(core: &Core, folder: &StoreKey) -> Result<BTreeSet<StoreKey>> {
    Ok(core.ports.store.list(Some(folder)).await?.into_iter().map(|entry| entry.key).collect())
}

async fn pardon_each(tx: &mut Connection, keys: &[StoreKey]) -> db::Result<()> {
    for key in keys {
        db::condemned::pardon(tx, key.as_str()).await?;
    }
    Ok(())
}
