//! This incarnation's own folder, and what dead incarnations left behind (A15).
//!
//! A folder is held by a lock on a file in it; the kernel drops the lock with the process, however that ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use common::vocabulary::{ClaimId, WorkerId};

const LOCK: &str = "lock";
const CACHE: &str = "cache";

/// The folder of one incarnation; removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    root: PathBuf,
    folder: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes the folder of this incarnation below `root`, and removes those whose owners are dead.
    pub(super) fn open(root: &Path, worker: WorkerId) -> io::Result<Self> {
        fs::create_dir_all(root.join(CACHE))?;
        sweep(root)?;
        // Locked before it has its final name, so that no other worker can sweep it in between.
        let (coming, folder) = (root.join(format!("coming-{worker}")), root.join(worker.to_string()));
        fs::create_dir(&coming)?;
        let lock = File::create(coming.join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::Error::other("the folder of a fresh worker is locked"),
        })?;
        fs::rename(&coming, &folder)?;
        Ok(Self { root: root.to_owned(), folder, _lock: lock })
    }

    /// Where snapshot parts are kept for later jobs, of any worker on this machine.
    pub(super) fn cache(&self) -> PathBuf {
        self.root.join(CACHE)
    }

    /// Where versions lie that answer online questions.
    pub(super) fn versions(&self) -> PathBuf {
        self.folder.join("versions")
    }

    /// The folder of one claim, with its own empty `output` and `checkpoints`.
    pub(super) fn claim(&self, claim: ClaimId) -> io::Result<ClaimFolder> {
        let folder = self.folder.join(claim.to_string());
        fs::create_dir(&folder)?;
        let folder = ClaimFolder(folder);
        fs::create_dir(folder.output())?;
        fs::create_dir(folder.checkpoints())?;
        Ok(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The files of one claim; removed when dropped.
#[derive(Debug)]
pub(super) struct ClaimFolder(PathBuf);

impl ClaimFolder {
    /// The folder itself: inputs lie here.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Where the executor leaves the artifact.
    pub(super) fn output(&self) -> PathBuf {
        self.0.join("output")
    }

    /// Where it leaves checkpoints.
    pub(super) fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }
}

impl Drop for ClaimFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "a folder of a claim cannot be removed");
        }
    }
}

/// Removes every incarnation's folder that nobody holds.
fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let folder = entry?.path();
        let is_worker =
            folder.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.parse::<WorkerId>().is_ok());
        if is_worker && is_abandoned(&folder) {
            tracing::info!(folder = %folder.display(), "removing what an earlier worker left");
            fs::remove_dir_all(&folder)?;
        }
    }
    Ok(())
}

/// The kernel gives the lock to anyone once its owner is dead.
fn is_abandoned(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a15_leftovers_of_the_dead_go_and_the_living_keep_theirs() {
        let root = tempfile::tempdir().unwrap();
        let alive = Scratch::open(root.path(), WorkerId::new_v4()).unwrap();
        let claim = alive.claim(ClaimId::new_v4()).unwrap();
        let dead = root.path().join(WorkerId::new_v4().to_string());
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let foreign = root.path().join("notes");
        fs::create_dir(&foreign).unwrap();

        let second = Scratch::open(root.path(), WorkerId::new_v4()).unwrap();
        assert!(!dead.exists() && foreign.exists() && claim.output().exists());
        let path = claim.path().to_owned();
        drop(claim);
        assert!(!path.exists());
        drop(alive);
        assert!(second.folder.exists() && second.cache().exists());
    }
}
