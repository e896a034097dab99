//! The heartbeat, while the database is busy.

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::embedded::{SqliteBus, SqliteQueue, directory};
use common::settings::Settings;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

use super::TICK;
use crate::db::{Transaction, sql};
use crate::service::{Coordinator, Fault, Ports};
use crate::views::TableImportRequest;

/// Rows that come in meanwhile.
const ROWS: u32 = 60_000;
/// Beats that are waited for.
const BEATS: i64 = 4;
/// A beat may come so much later than it should.
const LATE: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_sqlite_holds_up_no_beat() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/refit.db", folder.path().display());
    let coordinator = coordinator(&url, folder.path()).await;
    let outside = SqliteConnection::connect(&url).await.unwrap();
    beats(coordinator, outside, async |db: &mut SqliteConnection| {
        db.fetch_one("SELECT beat FROM leader").await.unwrap().get(0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_postgresql_holds_up_no_beat() {
    let Ok(server) = std::env::var("REFIT_TEST_POSTGRES") else {
        eprintln!("skipped: REFIT_TEST_POSTGRES is not set");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let schema = format!("beat_{}", uuid::Uuid::new_v4().simple());
    let mut outside = PgConnection::connect(&server).await.unwrap();
    let text = format!("CREATE SCHEMA {schema}; SET search_path = {schema}; SET client_min_messages = 'warning'");
    outside.execute(AssertSqlSafe(text)).await.unwrap();
    let sign = if server.contains('?') { '&' } else { '?' };
    let coordinator = coordinator(&format!("{server}{sign}options=-csearch_path%3D{schema}"), folder.path()).await;
    let mut outside = beats(coordinator, outside, async |db: &mut PgConnection| {
        db.fetch_one("SELECT beat FROM leader").await.unwrap().get(0)
    })
    .await;
    outside.execute(AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).await.unwrap();
}

async fn coordinator(url: &str, folder: &std::path::Path) -> Coordinator {
    let mut settings = Settings::default();
    settings.data_dir = folder.to_owned();
    settings.storage.database = url.into();
    let bus = folder.join("bus.db");
    let ports = Ports {
        queue: Arc::new(SqliteQueue::open(&bus).await.unwrap()),
        bus: Arc::new(SqliteBus::open(&bus).await.unwrap()),
        store: Arc::new(directory(&folder.join("store")).await.unwrap()),
    };
    Coordinator::with(settings, ports, Fault::None).await.unwrap()
}

/// Listens to the leader's row from outside: no beat is late while rows come in, nor while slow reads hold every connection there is
/// for them and one writer follows the other.
async fn beats<C>(coordinator: Coordinator, mut outside: C, beat: impl AsyncFn(&mut C) -> i64) -> C {
    let refit = coordinator.refit();
    let db = refit.core.db.clone();
    let (mut last, mut received) = (beat(&mut outside).await, Instant::now());
    let mut listen = async || {
        let now = beat(&mut outside).await;
        if now != last {
            (last, received) = (now, Instant::now());
        }
        assert!(received.elapsed() < TICK + LATE, "no beat for {:?}", received.elapsed());
        tokio::time::sleep(TICK / 100).await;
        last
    };
    let import = tokio::spawn(async move {
        let rows: String = (0..ROWS).map(|n| format!("{n},a text,yes\n")).collect();
        let request =
            TableImportRequest { file: "r.csv".into(), key: Some("id".into()), ..TableImportRequest::default() };
        let text = format!("id,text,label\n{rows}");
        refit.import_rows(&"texts".parse().unwrap(), request, text.as_bytes()).await.unwrap().new
    });
    while !import.is_finished() {
        listen().await;
    }
    assert_eq!(import.await.unwrap(), u64::from(ROWS));

    let mut slow: Vec<Transaction> = Vec::new();
    while let Ok(view) = tokio::time::timeout(TICK / 5, db.snapshot()).await {
        let mut view = view.unwrap();
        sql("SELECT 1").execute(&mut view).await.unwrap();
        slow.push(view);
    }
    assert!(!slow.is_empty(), "every connection that reads is held");
    let writing = tokio::spawn(async move {
        loop {
            let mut tx = db.begin().await.unwrap();
            sql("UPDATE datasets SET beat = beat + 1").execute(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    let until = listen().await + BEATS;
    while listen().await < until {}
    writing.abort();
    drop(slow);
    coordinator.stop().await;
    outside
}
