//! The embedded implementations.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use common::connect;
use common::ports::{ArtifactStore, Consumer, Cursor, EventBus, JobQueue, Mailbox, PortError};
use common::vocabulary::Pool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

use crate::limits::SmallDisk;
use crate::refusing::{Refusing, a_bus_that_takes_no_writes_is_an_outage};
use crate::support::{LIMIT, soon};
use crate::{bus, queue, store};

pub(crate) struct Queue {
    folder: TempDir,
    /// Looks at the file from outside.
    database: SqlitePool,
}

impl Queue {
    pub(crate) async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bus.db");
        connect::queue(&url(&file)).await.unwrap();
        let database = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
        Some(Self { folder, database })
    }
}

impl queue::Fixture for Queue {
    async fn connect(&self) -> Arc<dyn JobQueue> {
        connect::queue(&url(&self.folder.path().join("bus.db"))).await.unwrap()
    }

    async fn kill(&self, consumer: Box<dyn Consumer>) {
        // Nobody drops what a dead process held; its time is over at some point, and here it is.
        std::mem::forget(consumer);
        sqlx::query("UPDATE doorbell SET held_until = 0 WHERE holder IS NOT NULL")
            .execute(&self.database)
            .await
            .unwrap();
    }

    async fn publish_garbage(&self, pool: &Pool) {
        let insert = sqlx::query("INSERT INTO doorbell (pool, level, body) VALUES (?, 10, x'c1')");
        insert.bind(pool.as_str()).execute(&self.database).await.unwrap();
    }
}

pub(crate) struct Bus(TempDir);

impl Bus {
    pub(crate) async fn start() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }
}

impl bus::Fixture for Bus {
    async fn connect(&self) -> Arc<dyn EventBus> {
        connect::bus(&url(&self.0.path().join("bus.db"))).await.unwrap()
    }
}

/// A bus on a disk of its own.
struct OnSmallDisk(SmallDisk);

impl Refusing for OnSmallDisk {
    async fn connect(&self) -> Arc<dyn EventBus> {
        connect::bus(&url(&self.0.path().join("bus.db"))).await.unwrap()
    }

    async fn refuse(&self) {
        self.0.fill();
    }

    async fn relent(&self) {
        self.0.free();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g14_a_bus_on_a_full_disk_is_an_outage() {
    let Some(disk) = SmallDisk::mount(3) else { return };
    a_bus_that_takes_no_writes_is_an_outage(&OnSmallDisk(disk)).await;
}

/// A write is refused when SQLite commits it, which is after it has given back its row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g14_a_full_disk_is_called_one() {
    let Some(disk) = SmallDisk::mount(3) else { return };
    let disk = OnSmallDisk(disk);
    let bus = disk.connect().await;
    disk.refuse().await;
    let outage = soon("an outage", async {
        loop {
            if let Err(outage) = bus.probe().await {
                return outage;
            }
        }
    });
    let outage = outage.await;
    assert!(matches!(outage, PortError::Full { .. }), "{outage}");
}

pub(crate) struct Store {
    folder: TempDir,
    scratch: PathBuf,
}

impl Store {
    pub(crate) async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let scratch = folder.path().join("scratch");
        std::fs::create_dir(&scratch).unwrap();
        Some(Self { folder, scratch })
    }
}

impl store::Fixture for Store {
    async fn connect(&self) -> Arc<dyn ArtifactStore> {
        connect::store(&format!("file://{}", self.folder.path().join("store").display())).await.unwrap()
    }

    fn scratch(&self) -> &Path {
        &self.scratch
    }

    async fn leaked(&self) -> bool {
        let names = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.into_iter().any(|name| name != "store" && name != "scratch")
    }
}

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// Processes of one host hear each other: the child is this very test, run again with a bus in its environment.
#[tokio::test]
async fn another_process_is_heard() {
    const BUS: &str = "REFIT_TEST_BUS";
    if let Ok(bus) = std::env::var(BUS) {
        return connect::bus(&bus).await.unwrap().post(Mailbox::Coordinator, "from the child".into()).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = url(&folder.path().join("bus.db"));
    let bus = connect::bus(&file).await.unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::another_process_is_heard"])
        .env(BUS, file)
        .spawn()
        .unwrap();
    let heard = bus.read(Mailbox::Coordinator, Cursor::default(), 1, LIMIT).await.unwrap();
    assert_eq!(heard[0].body, "from the child");
    assert!(child.wait().unwrap().success());
}

/// Processes that start at the same moment must not stumble over each other's migrations (G2).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_a_new_bus_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = url(&folder.path().join("new").join("bus.db"));
    let mut openers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let file = file.clone();
        openers.spawn(async move { connect::bus(&file).await.unwrap().probe().await.unwrap() });
    }
    openers.join_all().await;
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bus.db");
    std::fs::write(&file, "not a database, but long enough to have a header of one hundred bytes ".repeat(10)).unwrap();
    let refused = connect::queue(&url(&file)).await.err().unwrap().to_string();
    assert!(refused.contains("bus.db is damaged"), "{refused}");
}

#[tokio::test]
async fn a_bus_that_was_removed_does_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bus.db");
    let bus = connect::bus(&url(&file)).await.unwrap();
    std::fs::remove_file(&file).unwrap();
    connect::bus(&url(&file)).await.unwrap().probe().await.unwrap();
    assert!(bus.probe().await.unwrap_err().to_string().contains("removed or replaced"));
}

/// A worker killed in the middle of an upload leaves a piece that no list shows; the next to open the store removes it.
#[tokio::test]
async fn pieces_of_dead_uploads_are_swept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("jobs")).unwrap();
    let file = |name: &str, age: Duration| {
        let path = folder.path().join("jobs").join(name);
        let file = std::fs::File::create(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    };
    let day = Duration::from_hours(25);
    let (dead, alive, object) = (file("weights#1", day), file("weights#2", Duration::ZERO), file("weights", day));
    let store = connect::store(&format!("file://{}", folder.path().display())).await.unwrap();
    assert_eq!([dead.exists(), alive.exists(), object.exists()], [false, true, true]);
    assert_eq!(store.list(None).await.unwrap().len(), 1);
}
