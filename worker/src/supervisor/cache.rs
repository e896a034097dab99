//! Snapshot parts, kept by their hash for later jobs within a bound of size.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use common::ports::{ArtifactStore, PortError, StoreKey};
use common::vocabulary::ContentHash;

use common::retry::retry;

/// Shared by all workers of a machine. A job gets a link of its own, so that evicting a part disturbs nobody.
#[derive(Debug, Clone)]
pub(super) struct PartCache {
    folder: PathBuf,
    bytes: u64,
}

impl PartCache {
    /// A cache in an existing folder, of at most so many bytes.
    pub(super) fn new(folder: PathBuf, bytes: u64) -> Self {
        Self { folder, bytes }
    }

    /// Puts a part at `target`: from the cache if it is there and whole, else from the store.
    ///
    /// # Errors
    /// The store does not have it, or what it has is not what the hash says.
    pub(super) async fn fetch(
        &self,
        store: &dyn ArtifactStore,
        hash: ContentHash,
        target: &Path,
    ) -> Result<(), PortError> {
        let kept = self.folder.join(hash.to_string());
        let (from, to) = (kept.clone(), target.to_owned());
        if tokio::task::spawn_blocking(move || take(&from, &to, hash)).await.unwrap_or(false) {
            return Ok(());
        }
        let key = StoreKey::snapshot(&hash);
        retry(|| store.download(&key, target, &hash)).await?;
        let (cache, target) = (self.clone(), target.to_owned());
        let kept_it =
            tokio::task::spawn_blocking(move || fs::hard_link(&target, &kept).and_then(|()| cache.evict())).await;
        if let Ok(Err(error)) = kept_it {
            tracing::debug!(%error, "a snapshot part was not kept for later");
        }
        Ok(())
    }

    /// Removes the parts used longest ago until the rest fits.
    fn evict(&self) -> io::Result<()> {
        let mut parts = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let (entry, about) = entry.and_then(|entry| entry.metadata().map(|about| (entry, about)))?;
            parts.push((about.modified()?, about.len(), entry.path()));
        }
        parts.sort();
        let mut total: u64 = parts.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in parts {
            if total <= self.bytes {
                break;
            }
            fs::remove_file(path)?;
            total -= bytes;
        }
        Ok(())
    }
}

/// Links a kept part to `target` if its bytes are still what they should be; a spoiled one is dropped.
fn take(kept: &Path, target: &Path, hash: ContentHash) -> bool {
    if fs::hard_link(kept, target).is_err() {
        return false;
    }
    let whole = ContentHash::of_file(target).is_ok_and(|found| found == hash);
    if whole {
        let _ = File::open(target).and_then(|file| file.set_modified(SystemTime::now()));
    } else {
        let _ = fs::remove_file(target).and_then(|()| fs::remove_file(kept));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoiled_part_is_dropped_and_a_whole_one_is_linked() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, target, hash) = (folder.path().join("kept"), folder.path().join("target"), ContentHash::of(b"bars"));
        fs::write(&kept, b"bars").unwrap();
        assert!(take(&kept, &target, hash));
        fs::remove_file(&kept).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"bars", "evicted, and still there for its job");

        fs::remove_file(&target).unwrap();
        fs::write(&kept, b"bard").unwrap();
        assert!(!take(&kept, &target, hash) && !kept.exists() && !target.exists());
    }

    #[test]
    fn the_oldest_parts_go_first() {
        let folder = tempfile::tempdir().unwrap();
        for (age, name) in [(30, "old"), (20, "older than new"), (10, "new")] {
            let path = folder.path().join(name);
            fs::write(&path, [0; 10]).unwrap();
            let then = SystemTime::now() - std::time::Duration::from_secs(age);
            File::open(path).unwrap().set_modified(then).unwrap();
        }
        PartCache::new(folder.path().into(), 15).evict().unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["new"]);
    }
}
