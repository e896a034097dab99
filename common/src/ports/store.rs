//! The artifact store: a directory or a bucket, over the `object_store` crate.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use sha2::{Digest, Sha256};

use super::PortError;
use crate::vocabulary::{AttemptId, ClaimId, ContentHash, InvalidKey, JobId};

/// The name of an object: relative, with `/` between segments, never `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey(String);

impl StoreKey {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A snapshot part.
    pub fn snapshot(hash: &ContentHash) -> Self {
        Self(format!("snapshots/{hash}.parquet"))
    }

    /// What a batch prediction says of its rows.
    pub fn predictions(hash: &ContentHash) -> Self {
        Self(format!("predictions/{hash}.parquet"))
    }

    /// The seal of an attempt.
    pub fn seal(job: JobId, attempt: AttemptId) -> Self {
        Self(format!("jobs/{job}/{attempt}/seal"))
    }

    /// The folder one claim writes to, without a trailing slash.
    pub fn claim(job: JobId, attempt: AttemptId, claim: ClaimId) -> Self {
        Self(format!("jobs/{job}/{attempt}/{claim}"))
    }

    /// The folder of the artifact of one claim, without a trailing slash.
    pub fn artifact(job: JobId, attempt: AttemptId, claim: ClaimId) -> Self {
        Self(format!("jobs/{job}/{attempt}/{claim}/artifact"))
    }

    /// A name below this one.
    ///
    /// # Errors
    /// The name would not be a key.
    pub fn join(&self, name: &str) -> Result<Self, InvalidKey> {
        format!("{}/{name}", self.0).parse()
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for StoreKey {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segment = |s: &str| {
            !s.is_empty()
                && !s.starts_with('.')
                && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-^=".contains(&b))
        };
        if text.len() <= 512 && text.split('/').all(segment) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidKey {
                text: text.chars().take(80).collect(),
                what: "store key",
                rule: "segments of letters, digits, '.', '_', '-', '^' and '=' with '/' between, none starting with '.'",
            })
        }
    }
}

/// What a create-only write met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// Nothing was there: the object is ours.
    Fresh,
    /// Someone was first; their object is untouched.
    Exists,
}

/// An object in the store.
#[derive(Debug, Clone)]
pub struct StoreEntry {
    /// Its name.
    pub key: StoreKey,
    /// Its size.
    pub bytes: u64,
    /// When it was written.
    pub modified: crate::vocabulary::Timestamp,
}

/// What an object holds, piece by piece; an error ends it.
pub type Pieces = BoxStream<'static, Result<Bytes, PortError>>;

/// Holds snapshots, checkpoints, artifacts and seals. Objects are whole or absent, never torn.
#[async_trait]
pub trait ArtifactStore: Send + Sync {
    /// Writes an object, replacing one of the same name.
    async fn put(&self, key: &StoreKey, body: Bytes) -> Result<(), PortError>;

    /// Writes an object only if none of that name exists; atomic between processes.
    async fn create(&self, key: &StoreKey, body: Bytes) -> Result<Created, PortError>;

    /// Reads an object whole.
    async fn get(&self, key: &StoreKey) -> Result<Bytes, PortError>;

    /// Reads an object piece by piece, as fast as the pieces are taken: its size does not matter to the memory.
    async fn read(&self, key: &StoreKey) -> Result<Pieces, PortError>;

    /// Reads an object whole, unless it has more than `most` bytes: then it is [`PortError::Damaged`], and no more was read.
    async fn get_within(&self, key: &StoreKey, most: u64) -> Result<Bytes, PortError> {
        let mut pieces = self.read(key).await?;
        let mut whole = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            if (whole.len() + piece.len()) as u64 > most {
                let reason = format!("it has more than {most} bytes");
                return Err(PortError::Damaged { what: key.to_string(), reason });
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The hash of what an object holds.
    async fn hash(&self, key: &StoreKey) -> Result<ContentHash, PortError> {
        let mut pieces = self.read(key).await?;
        let mut hasher = Sha256::new();
        while let Some(piece) = pieces.try_next().await? {
            hasher.update(&piece);
        }
        Ok(hasher.into())
    }

    /// Uploads a file, in pieces.
    async fn upload(&self, key: &StoreKey, file: &Path) -> Result<(), PortError>;

    /// Downloads an object into a new file, in pieces, and checks its hash; a mismatch is [`PortError::Damaged`] and leaves no file.
    async fn download(&self, key: &StoreKey, file: &Path, expect: &ContentHash) -> Result<(), PortError>;

    /// Every object below a folder (`None`: all).
    async fn list(&self, below: Option<&StoreKey>) -> Result<Vec<StoreEntry>, PortError>;

    /// Removes an object; fine if it is not there.
    async fn delete(&self, key: &StoreKey) -> Result<(), PortError>;

    /// Whether the store answers and refuses a second create.
    async fn probe(&self) -> Result<(), PortError>;
}
