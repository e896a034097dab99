//! Wake-ups between the processes of a host: who waits binds a datagram socket in a folder, who has news sends a byte to
//! every socket there. A wake-up may be lost; polling is the fallback.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixDatagram;
use uuid::Uuid;

/// How long a waiter sleeps at most before it looks by itself.
const POLL: Duration = Duration::from_millis(200);

/// The folder of the sockets.
#[derive(Debug, Clone)]
pub(super) struct Wake {
    folder: PathBuf,
    // Sockets are addressed through the open folder: a socket's path may have 108 bytes at most, a data folder's more.
    handle: Arc<File>,
}

impl Wake {
    /// Opens the folder, making it if needed.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self { folder: folder.to_owned(), handle: Arc::new(File::open(folder)?) })
    }

    /// Wakes everyone who listens to a topic. Never fails: the listeners poll anyway.
    pub(super) fn notify(&self, topic: &str) {
        let Ok(sender) = std::os::unix::net::UnixDatagram::unbound() else { return };
        let Ok(()) = sender.set_nonblocking(true) else { return };
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            let for_topic = name.strip_prefix(topic).is_some_and(|rest| rest.starts_with('.'));
            // A full socket has wake-ups waiting already. Nobody behind the socket: its process died.
            if for_topic
                && sender.send_to(&[1], self.path(&name)).is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused)
            {
                let _already_gone = std::fs::remove_file(self.folder.join(&name));
            }
        }
    }

    /// Listens to a topic. Listen first and look afterwards: what comes in between is then not lost.
    pub(super) fn listen(&self, topic: &str) -> io::Result<Listener> {
        let name = format!("{topic}.{}", Uuid::new_v4().simple());
        let socket = UnixDatagram::bind(self.path(&name))?;
        Ok(Listener { socket, file: self.folder.join(name) })
    }

    fn path(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.handle.as_raw_fd()).into()
    }
}

/// A socket of one waiter.
#[derive(Debug)]
pub(super) struct Listener {
    socket: UnixDatagram,
    file: PathBuf,
}

impl Listener {
    /// Returns when there may be news, or after `limit`, or when it is time to look anyway. Cancel-safe.
    pub(super) async fn wait(&self, limit: Duration) {
        let mut byte = [0];
        let woken = tokio::time::timeout(limit.min(POLL), self.socket.recv(&mut byte)).await;
        if woken.is_ok() {
            // One look serves all wake-ups so far.
            while self.socket.try_recv(&mut byte).is_ok() {}
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _already_gone = std::fs::remove_file(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sockets_of_dead_processes_are_swept_and_topics_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        // Longer than a socket's path may be.
        let deep = folder.path().join("a".repeat(100)).join("wake");
        let wake = Wake::open(&deep).unwrap();
        let sockets = || std::fs::read_dir(&deep).unwrap().count();

        let ours = wake.listen("queue").unwrap();
        let other = wake.listen("queue-2").unwrap();
        std::mem::forget(std::os::unix::net::UnixDatagram::bind(wake.path("queue.live")).unwrap());
        drop(std::os::unix::net::UnixDatagram::bind(wake.path("queue.dead")).unwrap());
        assert_eq!(sockets(), 4);

        wake.notify("queue");
        assert_eq!(sockets(), 3);
        let mut byte = [0];
        ours.socket.recv(&mut byte).await.unwrap();
        assert!(other.socket.try_recv(&mut byte).is_err());
        drop((ours, other));
        assert_eq!(sockets(), 1);
    }
}
