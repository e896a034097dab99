//! The embedded bus of an earlier release: its file opens, and what lies in it is read.

use std::fs;
use std::path::Path;
use std::time::Duration;

use common::embedded::{SqliteBus, SqliteQueue};
use common::ports::{Cursor, EventBus, JobQueue, LetterKind, Mailbox};
use common::wire::codec::{self, Limits};
use common::wire::{Doorbell, PredictRequest, ToCoordinator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::samples::claim;

/// A file as the release with that step of its schema left it: doorbells, messages, a cell, dead letters.
const EARLIER: &str = include_str!("earlier/bus_0002.sql");
/// In place of the boot it was written in.
const BOOT: &str = "00000000-0000-0000-0000-000000000000";

/// Such a file, written in this boot of the host or in another.
async fn left_behind(folder: &Path, in_this_boot: bool) -> std::path::PathBuf {
    let file = folder.join("bus.db");
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let sql = if in_this_boot { EARLIER.replace(BOOT, boot.trim()) } else { EARLIER.to_owned() };
    run(&file, &sql).await;
    file
}

async fn run(file: &Path, sql: &str) {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file).create_if_missing(true)).await;
    let pool = pool.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

/// What `refit` and its workers find in it.
async fn doorbell(file: &Path) -> Option<Vec<Doorbell>> {
    let queue = SqliteQueue::open(file).await.unwrap();
    let mut consumer = queue.consume(&["cpu".parse().unwrap()]).await.unwrap();
    let next = tokio::time::timeout(Duration::from_secs(5), consumer.next()).await;
    next.ok().map(|delivery| delivery.unwrap().doorbells)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bus_of_an_earlier_release_is_read_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = left_behind(folder.path(), true).await;
    let rung = doorbell(&file).await.unwrap();
    assert_eq!((rung[0].job, rung[0].attempt), (claim().job, claim().attempt));

    let bus = SqliteBus::open(&file).await.unwrap();
    let read = bus.read(Mailbox::Coordinator, Cursor::default(), 10, Duration::ZERO).await.unwrap();
    let said: Vec<ToCoordinator> =
        read.iter().map(|posted| codec::decode(&posted.body, Limits::default()).unwrap()).collect();
    assert_eq!(said, [ToCoordinator::Claim { claims: vec![claim()] }]);
    let asked = bus.take(Mailbox::Predictors, Duration::ZERO).await.unwrap().unwrap();
    assert!(codec::decode::<PredictRequest>(&asked.body, Limits::default()).is_ok());
    assert_eq!(bus.get("forecast/AAPL").await.unwrap().as_deref(), Some(&b"kept"[..]));
    let aside = bus.dead_letters().await.unwrap();
    assert_eq!(aside.counted[&LetterKind::ToWorker], 3);
    assert_eq!(aside.letters[0].reason, "the message is cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_of_the_host_only_dead_letters_are_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = left_behind(folder.path(), false).await;
    let bus = SqliteBus::open(&file).await.unwrap();
    assert!(bus.read(Mailbox::Coordinator, Cursor::default(), 10, Duration::ZERO).await.unwrap().is_empty());
    assert_eq!(bus.get("forecast/AAPL").await.unwrap(), None);
    assert_eq!(bus.dead_letters().await.unwrap().letters.len(), 1);
}

/// While a host is upgraded, workers of both releases share the file.
#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_a_later_release_has_added_to_is_used_and_one_that_it_has_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = left_behind(folder.path(), true).await;
    let step = |number: u32| {
        format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES ({number}, 'later', TRUE, x'00', 0)"
        )
    };
    run(&file, "ALTER TABLE message ADD COLUMN later TEXT; CREATE TABLE later (id INTEGER)").await;
    run(&file, &step(3)).await;
    assert!(doorbell(&file).await.is_some());
    let bus = SqliteBus::open(&file).await.unwrap();
    bus.post(Mailbox::Coordinator, codec::encode(&ToCoordinator::Claim { claims: vec![claim()] }).unwrap())
        .await
        .unwrap();
    assert_eq!(bus.read(Mailbox::Coordinator, Cursor::default(), 10, Duration::ZERO).await.unwrap().len(), 2);

    run(&file, &step(1000)).await;
    let refused = SqliteBus::open(&file).await.unwrap_err().to_string();
    assert!(refused.contains("it belongs to a later release of Refit"), "{refused}");
}
