//! The store in a directory.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, WriteMultipart};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

use crate::ports::{ArtifactStore, Created, PortError, StoreEntry, StoreKey};
use crate::vocabulary::{ContentHash, Timestamp};

/// Bytes read from a file at a time when it is uploaded.
const PIECE: usize = 4 << 20;

/// No upload takes so long: what is half-written then was left by a process that died.
const STALE: Duration = Duration::from_hours(24);

/// Objects as files below one folder. What is written is on the disk before a call returns.
#[derive(Debug)]
pub struct DirectoryStore {
    root: PathBuf,
    files: LocalFileSystem,
}

impl DirectoryStore {
    /// Opens the store in this folder, making it if needed, and proves that it works.
    ///
    /// # Errors
    /// The folder cannot be written, or lets a second create through.
    pub async fn open(root: &Path) -> Result<Self, PortError> {
        let unusable = |reason: String| PortError::Unusable { what: root.display().to_string(), reason };
        std::fs::create_dir_all(root).map_err(|error| unusable(error.to_string()))?;
        let files = LocalFileSystem::new_with_prefix(root).map_err(|error| unusable(error.to_string()))?;
        let store = Self { root: root.to_owned(), files: files.with_fsync(true).with_automatic_cleanup(true) };
        store.probe().await?;
        let folder = root.to_owned();
        tokio::task::spawn_blocking(move || sweep(&folder)).await.map_err(|error| unusable(error.to_string()))?;
        Ok(store)
    }

    fn failed(&self, what: &dyn std::fmt::Display, error: Error) -> PortError {
        let what = what.to_string();
        if is_full(&error) {
            return PortError::Full { what };
        }
        match error {
            Error::NotFound { .. } => PortError::NotFound { what },
            Error::InvalidPath { .. } | Error::NotSupported { .. } | Error::PermissionDenied { .. } => {
                PortError::Unusable { what, reason: error.to_string() }
            }
            other => {
                PortError::Unreachable { what: format!("{what} in {}", self.root.display()), reason: reasons(&other) }
            }
        }
    }

    async fn receive(&self, key: &StoreKey, file: &Path) -> Result<ContentHash, PortError> {
        let mut pieces = self.files.get(&path_of(key)?).await.map_err(|error| self.failed(key, error))?.into_stream();
        let mut out = tokio::fs::File::create(file).await.map_err(|error| file_failed(file, error))?;
        let mut hasher = Sha256::new();
        while let Some(piece) = pieces.try_next().await.map_err(|error| self.failed(key, error))? {
            hasher.update(&piece);
            out.write_all(&piece).await.map_err(|error| file_failed(file, error))?;
        }
        out.flush().await.map_err(|error| file_failed(file, error))?;
        Ok(hasher.into())
    }
}

#[async_trait]
impl ArtifactStore for DirectoryStore {
    async fn put(&self, key: &StoreKey, body: Bytes) -> Result<(), PortError> {
        self.files.put(&path_of(key)?, body.into()).await.map_err(|error| self.failed(key, error))?;
        Ok(())
    }

    async fn create(&self, key: &StoreKey, body: Bytes) -> Result<Created, PortError> {
        match self.files.put_opts(&path_of(key)?, body.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(Created::Fresh),
            Err(Error::AlreadyExists { .. }) => Ok(Created::Exists),
            Err(error) => Err(self.failed(key, error)),
        }
    }

    async fn get(&self, key: &StoreKey) -> Result<Bytes, PortError> {
        let object = self.files.get(&path_of(key)?).await.map_err(|error| self.failed(key, error))?;
        object.bytes().await.map_err(|error| self.failed(key, error))
    }

    async fn upload(&self, key: &StoreKey, file: &Path) -> Result<(), PortError> {
        let mut source = tokio::fs::File::open(file).await.map_err(|error| file_failed(file, error))?;
        let upload = self.files.put_multipart(&path_of(key)?).await.map_err(|error| self.failed(key, error))?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PIECE);
        let mut piece = vec![0; PIECE];
        loop {
            match source.read(&mut piece).await {
                Ok(0) => break,
                Ok(length) => {
                    writer.wait_for_capacity(1).await.map_err(|error| self.failed(key, error))?;
                    writer.write(&piece[..length]);
                }
                Err(error) => {
                    let _nothing_was_published = writer.abort().await;
                    return Err(file_failed(file, error));
                }
            }
        }
        writer.finish().await.map_err(|error| self.failed(key, error))?;
        Ok(())
    }

    async fn download(&self, key: &StoreKey, file: &Path, expect: &ContentHash) -> Result<(), PortError> {
        let mut part = file.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let received = self.receive(key, &part).await.and_then(|found| {
            if found != *expect {
                let reason = format!("its SHA-256 is {}, it should be {}", found.short(), expect.short());
                return Err(PortError::Damaged { what: key.to_string(), reason });
            }
            std::fs::rename(&part, file).map_err(|error| file_failed(file, error))
        });
        if received.is_err() {
            let _never_made = std::fs::remove_file(&part);
        }
        received
    }

    async fn list(&self, below: Option<&StoreKey>) -> Result<Vec<StoreEntry>, PortError> {
        let prefix = below.map(path_of).transpose()?;
        let what = below.map_or("all objects", StoreKey::as_str);
        let objects: Vec<_> =
            self.files.list(prefix.as_ref()).try_collect().await.map_err(|error| self.failed(&what, error))?;
        // A file whose name is no key is not ours.
        let entry = |object: object_store::ObjectMeta| {
            let key = object.location.as_ref().parse().ok()?;
            Some(StoreEntry { key, bytes: object.size, modified: Timestamp(object.last_modified.timestamp_micros()) })
        };
        let mut entries: Vec<StoreEntry> = objects.into_iter().filter_map(entry).collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(entries)
    }

    async fn delete(&self, key: &StoreKey) -> Result<(), PortError> {
        match self.files.delete(&path_of(key)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(key, error)),
        }
    }

    async fn probe(&self) -> Result<(), PortError> {
        let unusable = |reason: String| PortError::Unusable { what: self.root.display().to_string(), reason };
        let key: StoreKey =
            format!("probe/{}", Uuid::new_v4()).parse().map_err(|error| unusable(format!("{error}")))?;
        let first = self.create(&key, Bytes::from_static(b"first")).await?;
        let second = self.create(&key, Bytes::from_static(b"second")).await;
        self.delete(&key).await?;
        match (first, second?) {
            (Created::Fresh, Created::Exists) => Ok(()),
            _ => Err(unusable(
                "it lets a second create of the same object through: use a file system with hard links".into(),
            )),
        }
    }
}

/// Removes what killed processes left half-written. `object_store` stages an object as `name#1` and never lists it again, so
/// nothing else would find it.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
        let staged = number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep(&entry.path());
        } else if staged && age().is_some_and(|age| age > STALE) {
            let _already_gone = std::fs::remove_file(entry.path());
        }
    }
}

fn path_of(key: &StoreKey) -> Result<ObjectPath, PortError> {
    ObjectPath::parse(key.as_str())
        .map_err(|error| PortError::Unusable { what: key.to_string(), reason: error.to_string() })
}

fn file_failed(file: &Path, error: io::Error) -> PortError {
    let what = file.display().to_string();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => PortError::Full { what },
        io::ErrorKind::NotFound => PortError::NotFound { what },
        _ => PortError::Unusable { what, reason: error.to_string() },
    }
}

/// Whether the disk or the quota is at the bottom of an error.
fn is_full(error: &Error) -> bool {
    let full = |kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    causes(error).any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|cause| full(cause.kind())))
}

/// An error with its causes, on one line.
fn reasons(error: &Error) -> String {
    causes(error)
        .map(ToString::to_string)
        .fold(error.to_string(), |text, cause| if text.contains(&cause) { text } else { format!("{text}: {cause}") })
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause| (**cause).source())
}
