//! Machines with little: a small disk, little memory. Both need root, and are absent where the machine does not let us.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A file system of a few MiB, unmounted at the end.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Mounts a tmpfs of `mib` MiB, if that is allowed here.
    ///
    /// # Panics
    /// No temporary folder can be made.
    pub fn mount(mib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let size = format!("size={mib}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: a tmpfs cannot be mounted here (root is needed)");
        None
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no room on it.
    ///
    /// # Panics
    /// It cannot be written to for another reason than being full.
    pub fn fill(&self) {
        let room = |error: std::io::Error| assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{error}");
        let mut ballast = std::fs::File::create(self.ballast()).expect("a file on the small disk");
        std::io::copy(&mut std::io::repeat(7), &mut ballast).map(|_| ()).unwrap_or_else(room);
    }

    /// Makes room again.
    ///
    /// # Panics
    /// It was not full.
    pub fn free(&self) {
        std::fs::remove_file(self.ballast()).expect("the ballast can be removed");
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// A cgroup for processes that shall have little memory, of version 2 or 1; removed at the end, when it is empty.
pub struct MemoryCage {
    folder: PathBuf,
    /// Version 2's file, or version 1's.
    limit: &'static str,
}

static CAGES: AtomicU32 = AtomicU32::new(0);

impl MemoryCage {
    /// A cage without a limit so far, if that is allowed here.
    pub fn new() -> Option<Self> {
        let name = format!("refit-test-{}-{}", std::process::id(), CAGES.fetch_add(1, Ordering::Relaxed));
        for (root, limit) in [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")] {
            let folder = Path::new(root).join(&name);
            if std::fs::create_dir(&folder).is_ok() {
                if folder.join(limit).exists() {
                    return Some(Self { folder, limit });
                }
                let _removed = std::fs::remove_dir(&folder);
            }
        }
        eprintln!("skipped: no cgroup with a limit on memory can be made here (root is needed)");
        None
    }

    /// The same command, started inside.
    pub fn around(&self, command: &Command) -> Command {
        let mut inside = Command::new("sh");
        inside.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(self.folder.join("cgroup.procs"));
        inside.arg(command.get_program()).args(command.get_args()).env_clear();
        inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        inside
    }

    /// Bytes that those inside have allocated, and that cannot be dropped.
    ///
    /// # Panics
    /// The kernel does not tell.
    pub fn allocated(&self) -> u64 {
        let text = std::fs::read_to_string(self.folder.join("memory.stat")).expect("the figures of a cgroup");
        let figure = |line: &str| line.strip_prefix("anon ").or(line.strip_prefix("rss "))?.trim().parse().ok();
        text.lines().find_map(figure).unwrap_or_else(|| panic!("no figure of anonymous memory:\n{text}"))
    }

    /// From now on nobody inside gets more than so many bytes, all together.
    ///
    /// # Panics
    /// The kernel refuses.
    pub fn limit(&self, bytes: u64) {
        std::fs::write(self.folder.join(self.limit), bytes.to_string()).expect("a limit on memory");
    }
}

impl Drop for MemoryCage {
    fn drop(&mut self) {
        // The last process inside is about to end.
        let removed = || std::fs::remove_dir(&self.folder).is_ok();
        let _removed = (0..250).any(|_| {
            removed() || {
                std::thread::park_timeout(Duration::from_millis(20));
                false
            }
        });
    }
}
