//! Files that are there whole or not at all, and read only as what their hash says.

use std::io::Write;
use std::path::Path;

use common::vocabulary::ContentHash;
use serde::de::DeserializeOwned;

use crate::error::TrainError;

/// Writes a file beside its place, then moves it there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("partial");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

/// Reads a file that must have this hash.
pub(crate) fn read(path: &Path, hash: &ContentHash) -> Result<Vec<u8>, TrainError> {
    let bytes = std::fs::read(path).map_err(|error| TrainError::damaged(path, error))?;
    let found = ContentHash::of(&bytes);
    if found == *hash {
        Ok(bytes)
    } else {
        Err(TrainError::damaged(path, format!("its SHA-256 is {}, expected {}", found.short(), hash.short())))
    }
}

/// Reads JSON; `path` is only named.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, TrainError> {
    serde_json::from_slice(bytes).map_err(|error| TrainError::damaged(path, error))
}
