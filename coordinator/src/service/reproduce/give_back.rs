//! A reproduction that is the same to the bit gives back what the original lacks, taken by a cleanup or lost by the store: the files go
//! where they were, under the hashes that the original's manifest names, so that the version is the one it was.

use common::ports::StoreKey;
use common::vocabulary::{FileEntry, Timestamp};

use crate::db::{self, Connection, reproductions::Reproduction, versions::Version};
use crate::service::core::Core;
use crate::service::{
    Result,
    artifact::{self, Unfit},
    keep,
};

/// What came of putting files back.
pub(super) enum GivenBack {
    /// It lacks nothing.
    Nothing,
    /// Every file of the artifact is there: under these names.
    Whole(Vec<StoreKey>),
    /// This one is lost, and the reproduction's is another.
    Lacks(String),
}

/// Writes what the artifact of the original lacks.
pub(super) async fn files(core: &Core, original: &Version, repeated: &Reproduction) -> Result<GivenBack> {
    let (store, named) = (core.ports.store.as_ref(), &original.manifest.files);
    let (to, from): (StoreKey, StoreKey) = (original.prefix.parse()?, repeated.prefix.parse()?);
    let keys = named.keys().map(|name| to.join(name)).collect::<std::result::Result<Vec<_>, _>>()?;
    keep::pardon(core, &keys).await?;
    let mut lacked = original.thinned;
    for ((name, FileEntry { sha256, .. }), key) in named.iter().zip(&keys) {
        match artifact::file(store, &to, name, *sha256).await {
            Ok(_) => continue,
            Err(Unfit::Damaged { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        match repeated.manifest.files.get(name) {
            Some(same) if same.sha256 == *sha256 => {
                store.put(key, artifact::file(store, &from, name, *sha256).await?).await.map_err(Unfit::Port)?;
                lacked = true;
            }
            Some(_) | None => return Ok(GivenBack::Lacks(name.clone())),
        }
    }
    Ok(if lacked { GivenBack::Whole(keys) } else { GivenBack::Nothing })
}

/// The version is whole from here on. `false`: a file that was put back has been removed since.
pub(super) async fn keep(
    core: &Core,
    tx: &mut Connection,
    original: &Version,
    keys: &[StoreKey],
    now: Timestamp,
) -> Result<bool> {
    if !keep::are_there(core, tx, &original.prefix.parse()?, keys).await? {
        return Ok(false);
    }
    db::versions::restore(tx, &original.model, original.number, now).await?;
    Ok(true)
}
