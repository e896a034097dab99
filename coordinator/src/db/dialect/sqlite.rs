//! SQLite: one writer, many readers, write-ahead log.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::RwLock;

use super::{Connections, schema};
use crate::db::connection::Held;
use crate::db::error::Obstacle;
use crate::db::time_limit::Limits;

/// A transaction that will write says so at once: two of them can then never deadlock on an upgrade.
pub(super) const WRITE: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
/// The same for one whose commit is on disk only with the next one that waits for it.
pub(super) const WRITE_LAZILY: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
/// What is read in one piece.
pub(super) const SNAPSHOT: &str = "BEGIN";

/// Shut while the leader's beat waits for its turn: SQLite lets in whoever asks at the right moment, and with many writers one
/// after the other that is hardly ever the one who comes once a second.
pub(super) type Gate = Arc<RwLock<()>>;

/// Opens (and creates) the database of a URL and brings its schema up to date, or says why it cannot.
pub(super) async fn open(url: &str, limits: Limits) -> Result<(Connections<Sqlite>, Gate), Obstacle> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        // KiB: a fleet of 100,000 models fits.
        .pragma("cache_size", "-65536")
        .pragma("wal_autocheckpoint", "8192")
        // Rows handed over at a time: a large fleet is read without a switch of threads for every few.
        .row_buffer_size(4096)
        .statement_cache_capacity(256);
    if let Some(folder) = options.get_filename().parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("its folder cannot be made: {e}"))?;
    }
    // A file does not hang up.
    let pool = |connections| SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false);
    let gate = Gate::default();
    let before_writers = gate.clone();
    let writer = pool(1).before_acquire(move |_, _| {
        let gate = before_writers.clone();
        Box::pin(async move {
            drop(gate.read().await);
            Ok(true)
        })
    });
    let writer = writer.connect_with(options.clone()).await?;
    migrate(&writer).await?;
    let readers = pool(4).connect_with(options.clone().pragma("query_only", "1")).await?;
    // What it writes it writes again a second later: it waits for no disk, and leaves the tidying of the log to others.
    let leader = options.synchronous(SqliteSynchronous::Normal).pragma("wal_autocheckpoint", "0");
    let leader = pool(1).connect_with(leader).await?;
    // A file does not vanish: a long read is one of a large fleet.
    let limits = Limits { read: None, ..limits };
    Ok((Connections { writer, readers, leader, limits, writes: Arc::default() }, gate))
}

/// In one transaction that writes: of several coordinators that start at once, the others wait and find it done.
async fn migrate(writer: &SqlitePool) -> Result<(), Obstacle> {
    let mut transaction = writer.begin_with(WRITE).await?;
    schema::bring_up_to_date(&mut *transaction, &schema::for_sqlite()).await?;
    Ok(transaction.commit().await?)
}

/// Begins the leader's beat: it waits for the writer that has begun, and for no other of this process.
pub(super) async fn begin_beat(pools: &Connections<Sqlite>, gate: &Gate) -> sqlx::Result<Held<Sqlite>> {
    let _shut = gate.write().await;
    pools.beat("BEGIN IMMEDIATE").await
}
