//! All that depends on which database it is. SQLite: one writer, many readers, write-ahead log.

use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Error, Result};

/// The database.
pub(crate) type Sql = sqlx::Sqlite;
/// Connections to it.
pub(crate) type Pool = sqlx::SqlitePool;
/// One connection, or a transaction on it.
pub(crate) type Connection = sqlx::SqliteConnection;
/// A row of an answer.
pub(crate) type Row = sqlx::sqlite::SqliteRow;

/// A transaction that will write says so at once: two of them can then never deadlock on an upgrade.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// Rows of one multi-row statement: SQLite takes 32,766 values in one.
pub(crate) const CHUNK: usize = 500;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Opens (and creates) the database of a URL, brings its schema up to date, and returns its writer and its readers.
pub(crate) async fn open(url: &str) -> Result<(Pool, Pool)> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(Error::from)?
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
    let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    MIGRATIONS.run(&writer).await.map_err(|e| Error::Migration { reason: e.to_string() })?;
    let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.pragma("query_only", "1")).await?;
    Ok((writer, readers))
}
