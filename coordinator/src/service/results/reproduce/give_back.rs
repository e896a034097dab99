//! A reproduction that is the same to the bit gives back what the original lacks, taken by a cleanup or lost by the store: the files go
//! where they were, under the hashes that the original's manifest names, so that the version is the one it was.

use common::ports::{PortError, StoreKey};
use common::vocabulary::{FileEntry, Timestamp};

use crate::db::{self, Connection, reproductions::Reproduction, versions::Version};
use crate::service::error::{Error, Result, Unfit};
use crate::service::runtime::Core;
use crate::service::runtime::store::artifact;
use crate::service::runtime::store::keep::{self, Removed};

/// What came of putting files back.
pub(super) enum GivenBack {
    /// It lacks nothing.
    Nothing,
    /// Every file of the artifact is there: under these names.
    Whole(Vec<StoreKey>, Removed),
    /// This one is lost, and the reproduction's is another.
    Lacks(String),
}

/// Writes what the artifact of the original lacks.
pub(super) async fn files(core: &Core, original: &Version, repeated: &Reproduction) -> Result<GivenBack> {
    let (store, named) = (core.ports.store.as_ref(), &original.manifest.files);
    let (to, from): (StoreKey, StoreKey) = (original.prefix.parse()?, repeated.prefix.parse()?);
    let keys = named.keys().map(|name| to.join(name)).collect::<std::result::Result<Vec<_>, _>>()?;
    let removed = keep::before_writing(core, &keys).await?;
    let mut lacked = original.thinned;
    for ((name, FileEntry { sha256, .. }), key) in named.iter().zip(&keys) {
        match artifact::check(store, &to, name, *sha256).await {
            Ok(()) => continue,
            Err(Unfit::Damaged { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        match repeated.manifest.files.get(name) {
            Some(same) if same.sha256 == *sha256 => {
                let file = tempfile::NamedTempFile::new_in(&core.settings.data_dir)?.into_temp_path();
                artifact::copy(store, &from, name, *sha256, &file).await?;
                store.upload(key, &file).await.map_err(Unfit::Port)?;
                lacked = true;
            }
            Some(_) | None => return Ok(GivenBack::Lacks(name.clone())),
        }
    }
    let there = keep::are_there(core, &to, &keys).await?;
    Ok(match lacked {
        true if there => GivenBack::Whole(keys, removed),
        true => return Err(vanished(original)),
        false => GivenBack::Nothing,
    })
}

/// The version is whole from here on.
pub(super) async fn keep(
    tx: &mut Connection,
    original: &Version,
    keys: &[StoreKey],
    removed: &Removed,
    now: Timestamp,
) -> Result<()> {
    if !keep::keep(tx, keys, removed).await? {
        return Err(vanished(original));
    }
    db::versions::restore(tx, &original.model, original.number, now).await?;
    Ok(())
}

fn vanished(original: &Version) -> Error {
    let reason = "files vanish from the store while they are put back".into();
    Unfit::Port(PortError::Unreachable { what: format!("{} of {}", original.number, original.model), reason }).into()
}
