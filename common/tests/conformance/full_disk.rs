//! A disk that is full: a clear error, and nothing that was there is harmed. Needs root, for a small tmpfs.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use common::connect;
use common::ports::{Cursor, Mailbox, PortError, StoreKey};

/// A file system of one MiB, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            Some(Self(folder))
        } else {
            eprintln!("skipped: a tmpfs cannot be mounted here (root is needed)");
            None
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_store_says_so_and_keeps_what_it_has() {
    let Some(disk) = SmallDisk::mount() else { return };
    let store = connect::store(&format!("file://{}", disk.path().join("store").display())).await.unwrap();
    let key = |text: &str| text.parse::<StoreKey>().unwrap();
    store.put(&key("live/weights"), "live".into()).await.unwrap();

    let large = Bytes::from(vec![7; 2 << 20]);
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("large");
    std::fs::write(&file, &large).unwrap();
    let full =
        |written: Result<(), PortError>| matches!(written, Err(PortError::Full { what }) if what.ends_with("weights"));
    assert!(full(store.put(&key("live/weights"), large.clone()).await));
    assert!(full(store.create(&key("new/weights"), large).await.map(|_| ())));
    assert!(full(store.upload(&key("new/weights"), &file).await));

    assert_eq!(store.get(&key("live/weights")).await.unwrap(), "live");
    assert_eq!(store.list(None).await.unwrap().len(), 1);
    // Nothing half-written takes the room that is left.
    store.put(&key("small"), Bytes::from(vec![7; 512 << 10])).await.unwrap();
}

#[tokio::test]
async fn a_full_bus_says_so_and_keeps_what_it_has() {
    let Some(disk) = SmallDisk::mount() else { return };
    let bus = connect::bus(&format!("sqlite://{}", disk.path().join("bus.db").display())).await.unwrap();
    bus.post(Mailbox::Coordinator, "first".into()).await.unwrap();
    let refused = loop {
        if let Err(error) = bus.post(Mailbox::Coordinator, Bytes::from(vec![7; 100 << 10])).await {
            break error;
        }
    };
    assert!(matches!(refused, PortError::Full { .. }), "{refused}");
    let first = bus.read(Mailbox::Coordinator, Cursor::default(), 1, Duration::ZERO).await.unwrap();
    assert_eq!(first[0].body, "first");
}
