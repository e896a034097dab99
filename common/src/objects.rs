//! The artifact store over any `object_store`: a directory and a bucket differ only in how they are opened.

mod error;
mod transfer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path as ObjectPath;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode};
use uuid::Uuid;

use crate::ports::{ArtifactStore, Created, Pieces, PortError, StoreEntry, StoreKey};
use crate::vocabulary::{ContentHash, Timestamp};

/// How often a create is repeated that was refused although nothing is there.
const CREATES: usize = 5;

/// Objects in one place.
#[derive(Debug)]
pub struct Objects {
    objects: Arc<dyn ObjectStore>,
    /// Where they are, as people know it.
    place: String,
    /// What to do when the place lets a second create through.
    remedy: &'static str,
}

impl Objects {
    /// Takes the objects of a place. That it works is proven by [`ArtifactStore::probe`].
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, place: String, remedy: &'static str) -> Self {
        Self { objects, place, remedy }
    }

    fn failed(&self, what: &dyn std::fmt::Display, error: &Error) -> PortError {
        error::failed(&self.place, what, error)
    }
}

#[async_trait]
impl ArtifactStore for Objects {
    async fn put(&self, key: &StoreKey, body: Bytes) -> Result<(), PortError> {
        let put = self.objects.put(&path_of(key)?, body.into()).await;
        put.map(|_| ()).map_err(|error| self.failed(key, &error))
    }

    async fn create(&self, key: &StoreKey, body: Bytes) -> Result<Created, PortError> {
        let path = path_of(key)?;
        for _ in 0..CREATES {
            match self.objects.put_opts(&path, body.clone().into(), PutMode::Create.into()).await {
                Ok(_) => return Ok(Created::Fresh),
                Err(Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(self.failed(key, &error)),
            }
            // S3 says so too while another create is under way, and that one may still fail: what exists can be seen.
            match self.objects.head(&path).await {
                Ok(_) => return Ok(Created::Exists),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(self.failed(key, &error)),
            }
        }
        let reason = format!("it was refused as existing {CREATES} times, and nothing was there");
        Err(PortError::Unreachable { what: format!("{key} in {}", self.place), reason })
    }

    async fn get(&self, key: &StoreKey) -> Result<Bytes, PortError> {
        let object = self.objects.get(&path_of(key)?).await.map_err(|error| self.failed(key, &error))?;
        object.bytes().await.map_err(|error| self.failed(key, &error))
    }

    async fn read(&self, key: &StoreKey) -> Result<Pieces, PortError> {
        let object = self.objects.get(&path_of(key)?).await.map_err(|error| self.failed(key, &error))?;
        let (place, key) = (self.place.clone(), key.clone());
        Ok(object.into_stream().map_err(move |error| error::failed(&place, &key, &error)).boxed())
    }

    async fn upload(&self, key: &StoreKey, file: &Path) -> Result<(), PortError> {
        transfer::upload(self, key, file).await
    }

    async fn download(&self, key: &StoreKey, file: &Path, expect: &ContentHash) -> Result<(), PortError> {
        let mut part = file.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let received = transfer::receive(self, key, &part).await.and_then(|found| {
            if found != *expect {
                let reason = format!("its SHA-256 is {}, it should be {}", found.short(), expect.short());
                return Err(PortError::Damaged { what: key.to_string(), reason });
            }
            std::fs::rename(&part, file).map_err(|error| error::file_failed(file, error))
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
            self.objects.list(prefix.as_ref()).try_collect().await.map_err(|error| self.failed(&what, &error))?;
        // An object whose name is no key is not ours.
        let entry = |object: ObjectMeta| {
            let key = object.location.as_ref().parse().ok()?;
            Some(StoreEntry { key, bytes: object.size, modified: Timestamp(object.last_modified.timestamp_micros()) })
        };
        let mut entries: Vec<StoreEntry> = objects.into_iter().filter_map(entry).collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(entries)
    }

    async fn delete(&self, key: &StoreKey) -> Result<(), PortError> {
        match self.objects.delete(&path_of(key)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(key, &error)),
        }
    }

    async fn probe(&self) -> Result<(), PortError> {
        let unusable = |reason: String| PortError::Unusable { what: self.place.clone(), reason };
        // In no folder: one that empties goes, also while somebody else's probe is being written into it.
        let key: StoreKey =
            format!("probe-{}", Uuid::new_v4()).parse().map_err(|error| unusable(format!("{error}")))?;
        let first = self.create(&key, Bytes::from_static(b"first")).await?;
        let second = self.create(&key, Bytes::from_static(b"second")).await;
        let kept = self.get(&key).await;
        let deleted = self.delete(&key).await;
        // The first one exists already when its request was sent twice because the first answer was lost; what counts is that
        // it is the one that stayed.
        match (first, second?, kept?.as_ref()) {
            (Created::Fresh | Created::Exists, Created::Exists, b"first") => deleted,
            _ => Err(unusable(format!("it lets a second create of the same object through: {}", self.remedy))),
        }
    }
}

fn path_of(key: &StoreKey) -> Result<ObjectPath, PortError> {
    ObjectPath::parse(key.as_str())
        .map_err(|error| PortError::Unusable { what: key.to_string(), reason: error.to_string() })
}
