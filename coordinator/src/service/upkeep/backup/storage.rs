//! Where backups lie: objects in a place apart from the store.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use common::connect::Connector;
use common::ports::{ArtifactStore, PortError, StoreKey};
use common::settings::{Settings, without_password};
use common::vocabulary::{ContentHash, ModelKey, Timestamp};

use super::id::BackupId;
use super::names;
use crate::service::error::{Error, Result, Unfit};
use crate::service::runtime::store::artifact;

/// The place, open. Opened for each request: they are rare, and it may have been changed meanwhile.
pub(super) struct BackupStorage {
    store: Arc<dyn ArtifactStore>,
    url: String,
}

/// A folder of a backup.
pub(super) struct BackupFolder {
    /// Its id.
    pub(super) id: BackupId,
    /// Its last file is there.
    pub(super) is_whole: bool,
    /// Files.
    pub(super) files: u64,
    /// Their size.
    pub(super) bytes: u64,
    /// When the newest of them was written.
    pub(super) modified: Timestamp,
}

impl BackupStorage {
    /// Opens the place of the settings.
    pub(super) async fn open(settings: &Settings) -> Result<Self> {
        let store = Connector::new(settings)?.backups().await.map_err(failed)?;
        let url = settings.backups_url().unwrap_or_default();
        Ok(Self { store, url: without_password(&url).into_owned() })
    }

    /// Proves that it can be written, and refuses a second create: folders are claimed by it.
    pub(super) async fn prove(&self) -> Result<()> {
        self.store.probe().await.map_err(failed)
    }

    /// The folder of a backup.
    pub(super) fn folder(&self, model: &ModelKey, id: &BackupId) -> Result<StoreKey> {
        Ok(format!("{model}/{id}").parse()?)
    }

    /// A folder as people find it.
    pub(super) fn shown(&self, folder: &StoreKey) -> String {
        let (base, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let sign = if query.is_empty() { "" } else { "?" };
        format!("{}/{folder}{sign}{query}", base.trim_end_matches('/'))
    }

    /// Every folder of a model's backups, the unfinished too.
    pub(super) async fn list(&self, model: &ModelKey) -> Result<Vec<BackupFolder>> {
        let below: StoreKey = model.as_str().parse()?;
        let mut found: BTreeMap<BackupId, BackupFolder> = BTreeMap::new();
        for entry in self.store.list(Some(&below)).await.map_err(failed)? {
            let rest = entry.key.as_str().strip_prefix(model.as_str()).and_then(|rest| rest.strip_prefix('/'));
            let Some((folder, name)) = rest.and_then(|rest| rest.split_once('/')) else { continue };
            let Ok(id) = folder.parse::<BackupId>() else { continue };
            let new = BackupFolder { id, is_whole: false, files: 0, bytes: 0, modified: entry.modified };
            let kept = found.entry(id).or_insert(new);
            kept.is_whole |= name == names::SUMS;
            kept.files += 1;
            kept.bytes += entry.bytes;
            kept.modified = kept.modified.max(entry.modified);
        }
        Ok(found.into_values().collect())
    }

    /// Writes a file; `false`: one of that name is there, and stays.
    pub(super) async fn create(&self, folder: &StoreKey, name: &str, body: Bytes) -> Result<bool> {
        let created = self.store.create(&folder.join(name)?, body).await.map_err(failed)?;
        Ok(created == common::ports::Created::Fresh)
    }

    /// Writes a file that lies on this machine's disk, in the place of one of that name.
    pub(super) async fn upload(&self, folder: &StoreKey, name: &str, file: &Path) -> Result<()> {
        self.store.upload(&folder.join(name)?, file).await.map_err(failed)
    }

    /// Reads a file as it is.
    pub(super) async fn get(&self, folder: &StoreKey, name: &str) -> Result<Bytes> {
        self.store.get(&folder.join(name)?).await.map_err(|error| match error {
            PortError::NotFound { what } => Error::refused(format!("{what} is not there")),
            error => failed(error),
        })
    }

    /// Reads a small file whole, which must be what its hash says.
    pub(super) async fn read(&self, folder: &StoreKey, name: &str, expect: ContentHash) -> Result<Bytes> {
        artifact::file(self.store.as_ref(), folder, name, expect).await.map_err(unfit)
    }

    /// Whether a file is what its hash says.
    pub(super) async fn check(&self, folder: &StoreKey, name: &str, expect: ContentHash) -> Result<()> {
        artifact::check(self.store.as_ref(), folder, name, expect).await.map_err(unfit)
    }

    /// Copies a file to this machine's disk, which must be what its hash says.
    pub(super) async fn copy(&self, folder: &StoreKey, name: &str, expect: ContentHash, to: &Path) -> Result<()> {
        artifact::copy(self.store.as_ref(), folder, name, expect, to).await.map_err(unfit)
    }

    /// Removes a backup, or what was begun of one. The file that makes it whole goes first: half of it is none.
    pub(super) async fn remove(&self, folder: &StoreKey) -> Result<()> {
        self.store.delete(&folder.join(names::SUMS)?).await.map_err(failed)?;
        for entry in self.store.list(Some(folder)).await.map_err(failed)? {
            self.store.delete(&entry.key).await.map_err(failed)?;
        }
        Ok(())
    }
}

fn unfit(unfit: Unfit) -> Error {
    match unfit {
        Unfit::Port(error) => failed(error),
        Unfit::Damaged { file, reason } => Error::refused(format!("{file} is damaged: {reason}")),
    }
}

/// What the place has to say, in the words of the service. No room is nothing to look for in a log.
fn failed(error: PortError) -> Error {
    match error {
        PortError::Full { what } => Error::Unusable {
            reason: format!(
                "no space left for {what} in the place of backups: free some room there; nothing else has changed"
            ),
        },
        other => other.into(),
    }
}
