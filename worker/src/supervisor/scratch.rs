//! This incarnation's own folder, and what dead incarnations left behind (A15).
//!
//! A folder is held by a lock on a file in it; the kernel drops the lock with the process, however that ends. So a folder that nobody
//! holds is that of a dead incarnation: what it held need not wait for the end of its lease.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use common::vocabulary::{ClaimId, WorkerId};

const LOCK: &str = "lock";
const CACHE: &str = "cache";
/// More dead at once than these are left to their leases.
const MOST_DEAD: usize = 64;

/// The folder of one incarnation; removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    root: PathBuf,
    folder: PathBuf,
    _lock: File,
    /// Found at the start.
    dead: Vec<WorkerId>,
    buried: AtomicBool,
    leaves_a_trace: AtomicBool,
}

impl Scratch {
    /// Makes the folder of this incarnation below `root`, and empties those whose owners are dead.
    pub(super) fn open(root: &Path, worker: WorkerId) -> io::Result<Self> {
        fs::create_dir_all(root.join(CACHE))?;
        let dead = sweep(root)?;
        // Locked before it has its final name, so that no other worker can sweep it in between.
        let (coming, folder) = (root.join(format!("coming-{worker}")), root.join(worker.to_string()));
        fs::create_dir(&coming)?;
        let lock = File::create(coming.join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::Error::other("the folder of a fresh worker is locked"),
        })?;
        fs::rename(&coming, &folder)?;
        let (buried, leaves_a_trace) = (AtomicBool::new(dead.is_empty()), AtomicBool::new(false));
        Ok(Self { root: root.to_owned(), folder, _lock: lock, dead, buried, leaves_a_trace })
    }

    /// Earlier incarnations on this machine that were found dead.
    pub(super) fn dead(&self) -> &[WorkerId] {
        &self.dead
    }

    /// The coordinators have heard of the dead: no successor need find their folders again.
    pub(super) fn bury(&self) {
        if self.buried.swap(true, Ordering::Relaxed) {
            return;
        }
        for worker in &self.dead {
            remove(&self.root.join(worker.to_string()));
        }
    }

    /// The coordinators do not know how this incarnation ends: its successor shall find that it has.
    pub(super) fn leave_a_trace(&self) {
        self.leaves_a_trace.store(true, Ordering::Relaxed);
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
        if self.leaves_a_trace.load(Ordering::Relaxed) {
            empty(&self.folder);
        } else {
            remove(&self.folder);
        }
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

/// Empties every incarnation's folder that nobody holds, but for its lock: one of an incarnation that dies before it could tell of the
/// dead is found again by the next. Answers with whose they are.
fn sweep(root: &Path) -> io::Result<Vec<WorkerId>> {
    let mut dead = Vec::new();
    for entry in fs::read_dir(root)? {
        let folder = entry?.path();
        let worker = folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<WorkerId>().ok());
        let Some(worker) = worker.filter(|_| is_abandoned(&folder)) else { continue };
        if dead.len() < MOST_DEAD {
            tracing::info!(%worker, "an earlier worker has died: what it left is removed");
            empty(&folder);
            dead.push(worker);
        } else {
            remove(&folder);
        }
    }
    Ok(dead)
}

/// The kernel gives the lock to anyone once its owner is dead. Two that start together may both find it so.
fn is_abandoned(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock_shared().is_ok())
}

/// Removes all but the lock.
fn empty(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name() != LOCK {
            settled(&path, if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) });
        }
    }
}

fn remove(folder: &Path) {
    settled(folder, fs::remove_dir_all(folder));
}

/// Another worker that has just started may have been sooner.
fn settled(path: &Path, removed: io::Result<()>) {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "it cannot be removed");
        }
        Ok(()) | Err(_) => {}
    }
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
        fs::write(dead.join("weights"), "").unwrap();
        let foreign = root.path().join("notes");
        fs::create_dir(&foreign).unwrap();

        let second = Scratch::open(root.path(), WorkerId::new_v4()).unwrap();
        assert!(!dead.join("weights").exists() && foreign.exists() && claim.output().exists());
        second.bury();
        assert!(!dead.exists() && foreign.exists());
        let path = claim.path().to_owned();
        drop(claim);
        assert!(!path.exists());
        drop(alive);
        assert!(second.folder.exists() && second.cache().exists());
    }

    /// One that dies before it could tell, and one that could not say farewell, are found by the next.
    #[test]
    fn g2_the_dead_are_found_until_they_are_told_of() {
        let root = tempfile::tempdir().unwrap();
        let ids = [(); 4].map(|()| WorkerId::new_v4());
        let open = |worker| Scratch::open(root.path(), worker).unwrap();
        let silent = open(ids[0]);
        silent.claim(ClaimId::new_v4()).map(std::mem::forget).unwrap();
        let polite = open(ids[1]);
        silent.leave_a_trace();
        drop((silent, polite));
        let killed = open(ids[2]);
        assert_eq!(killed.dead(), [ids[0]]);
        // As a kill would: the lock goes with the process, the folder stays.
        killed.leave_a_trace();
        drop(killed);
        let last = open(ids[3]);
        let mut dead = last.dead().to_vec();
        dead.sort_unstable();
        let mut wanted = [ids[0], ids[2]];
        wanted.sort_unstable();
        assert_eq!(dead, wanted);
        last.bury();
        assert_eq!(open(WorkerId::new_v4()).dead(), []);
    }
}
