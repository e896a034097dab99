//! A backup that is to be restored: believed only when every file in it has been read and is what its hash says.

use std::collections::BTreeMap;
use std::path::Path;

use common::ports::StoreKey;
use common::vocabulary::{ContentHash, Manifest, ModelKey, files};

use super::id::BackupId;
use super::names;
use super::record::Record;
use super::storage::BackupStorage;
use crate::service::error::{Error, Result};

/// A backup whose every file is whole.
pub(super) struct Opened {
    /// Its id.
    pub(super) id: BackupId,
    /// Where it lies.
    pub(super) folder: StoreKey,
    /// Its record.
    pub(super) record: Record,
    /// Its manifest.
    pub(super) manifest: Manifest,
    /// The hash of that.
    pub(super) manifest_hash: ContentHash,
}

impl Opened {
    /// Reads all of it.
    pub(super) async fn open(storage: &BackupStorage, key: &ModelKey, id: &str) -> Result<Self> {
        let unknown = || Error::NotFound {
            what: format!("backup {id} of {key}"),
            hint: Some(format!("`refit backups {key}` lists those there are")),
        };
        let id: BackupId = id.parse().map_err(|()| unknown())?;
        let kept = storage.list(key).await?.into_iter().find(|kept| kept.id == id).ok_or_else(unknown)?;
        let damaged = |reason: String| Error::refused(format!("backup {id} of {key} cannot be restored: {reason}"));
        if !kept.is_whole {
            return Err(damaged(format!("it was never finished, or lost its {}", names::SUMS)));
        }
        read(storage, key, id).await.map_err(|error| match error {
            Error::Refused { reason } => damaged(reason),
            other => other,
        })
    }

    /// Copies a file of it to this machine's disk, checked again.
    pub(super) async fn copy(&self, storage: &BackupStorage, name: &str, hash: ContentHash, to: &Path) -> Result<()> {
        storage.copy(&self.folder, name, hash, to).await
    }
}

async fn read(storage: &BackupStorage, key: &ModelKey, id: BackupId) -> Result<Opened> {
    let folder = storage.folder(key, &id)?;
    let sums = sums(&storage.get(&folder, names::SUMS).await?)?;
    let (mut record, mut manifest) = (None, None);
    for (name, hash) in &sums {
        match name.as_str() {
            names::RECORD => record = Some(Record::parse(&storage.read(&folder, name, *hash).await?)?),
            files::MANIFEST => manifest = Some(understood(&storage.read(&folder, name, *hash).await?)?),
            _ => storage.check(&folder, name, *hash).await?,
        }
    }
    let (Some(record), Some(manifest)) = (record, manifest) else {
        return Err(Error::refused(format!("{} names no {} or {}", names::SUMS, names::RECORD, files::MANIFEST)));
    };
    let all = record.files.iter().all(|(name, entry)| sums.get(name) == Some(&entry.sha256));
    match record.manifest_hash() {
        Some(manifest_hash) if all && record.fits(&manifest) && manifest.model == *key => {
            Ok(Opened { id, folder, record, manifest, manifest_hash })
        }
        _ => Err(Error::refused(format!("{} and {} contradict each other", names::RECORD, files::MANIFEST))),
    }
}

fn understood(bytes: &[u8]) -> Result<Manifest> {
    let manifest: Manifest = serde_json::from_slice(bytes)
        .map_err(|error| Error::refused(format!("{} is not understood: {error}", files::MANIFEST)))?;
    if manifest.format == Manifest::FORMAT {
        return Ok(manifest);
    }
    let (found, known) = (manifest.format, Manifest::FORMAT);
    Err(Error::refused(format!("{} has format {found}, this build reads {known}", files::MANIFEST)))
}

/// What `SHA256SUMS` says.
fn sums(bytes: &[u8]) -> Result<BTreeMap<String, ContentHash>> {
    let damaged = || Error::refused(format!("{} is damaged", names::SUMS));
    let text = std::str::from_utf8(bytes).map_err(|_| damaged())?;
    let line = |line: &str| {
        let (hash, name) = line.split_once("  ").ok_or_else(damaged)?;
        Ok((name.to_owned(), hash.parse().map_err(|_| damaged())?))
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_lines_of_a_hash_and_a_name() {
        let hash = ContentHash::of(b"x");
        let read = sums(format!("{hash}  weights\n{hash}  a b\n").as_bytes()).unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [("a b".to_owned(), hash), ("weights".to_owned(), hash)]);
        for damaged in [format!("{hash} weights"), "00  weights".into(), "weights".into()] {
            assert!(sums(damaged.as_bytes()).is_err(), "{damaged}");
        }
    }
}
