//! All that depends on which database it is: how it is opened, how a transaction begins, and the words of the schema.

mod postgres;
mod schema;
mod sqlite;

use common::connect::Trust;
use sqlx::{Pool, Postgres, Sqlite};

use super::connection::{Connection, Held};
use super::error::Obstacle;
use super::{Error, Result};

/// Rows of one multi-row statement: SQLite takes 32,766 values in one, PostgreSQL 65,535.
pub(crate) const CHUNK: usize = 500;

/// The pools of a database.
#[derive(Debug)]
pub(super) enum Pools {
    /// Of SQLite.
    Sqlite(Connections<Sqlite>, sqlite::Gate),
    /// Of PostgreSQL.
    Postgres(Connections<Postgres>),
}

/// Who writes, who reads, and who says that the leader lives. One connection writes: writers take turns anyway, and those of one
/// process do so best here. The leader's is its own: neither a long read nor a queue of writers holds up its beat.
#[derive(Debug)]
pub(super) struct Connections<DB: sqlx::Database> {
    writer: Pool<DB>,
    readers: Pool<DB>,
    leader: Pool<DB>,
}

impl Pools {
    /// Opens the database of a URL, and brings its schema up to date.
    pub(super) async fn open(url: &str, trust: &Trust) -> Result<Self> {
        let opened = match url.split_once(':') {
            Some(("sqlite", _)) => sqlite::open(url).await.map(|(pools, gate)| Self::Sqlite(pools, gate)),
            Some(("postgres" | "postgresql", _)) => postgres::open(url, trust).await.map(Self::Postgres),
            Some(_) | None => Err("the URL must begin with sqlite:// or postgres://".to_owned().into()),
        };
        let url = common::settings::without_password(url);
        opened.map_err(|Obstacle { why, passes }| Error::Open { url: url.into_owned(), why, passes })
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(Held::Transaction(sqlite::begin(&pools.writer).await?)),
            Self::Postgres(pools) => Connection::Postgres(Held::Transaction(postgres::begin(&pools.writer).await?)),
        })
    }

    /// Begins a transaction that writes, and whose commit does not wait for the disk.
    pub(super) async fn begin_lazily(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(Held::Transaction(sqlite::begin_lazily(&pools.writer).await?)),
            Self::Postgres(pools) => {
                Connection::Postgres(Held::Transaction(postgres::begin_lazily(&pools.writer).await?))
            }
        })
    }

    /// Begins a transaction that reads: all of its statements see the same state.
    pub(super) async fn snapshot(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(Held::Transaction(pools.readers.begin().await?)),
            Self::Postgres(pools) => Connection::Postgres(Held::Transaction(postgres::snapshot(&pools.readers).await?)),
        })
    }

    /// Lends a connection that reads.
    pub(super) async fn read(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(Held::Alone(pools.readers.acquire().await?)),
            Self::Postgres(pools) => Connection::Postgres(Held::Alone(pools.readers.acquire().await?)),
        })
    }

    /// Begins a transaction on the leader's own connection, which goes before every writer that has not begun.
    pub(super) async fn begin_beat(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, gate) => {
                Connection::Sqlite(Held::Transaction(sqlite::begin_beat(&pools.leader, gate).await?))
            }
            Self::Postgres(pools) => Connection::Postgres(Held::Transaction(pools.leader.begin().await?)),
        })
    }

    /// Lends the leader's own connection, to read.
    pub(super) async fn look(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(Held::Alone(pools.leader.acquire().await?)),
            Self::Postgres(pools) => Connection::Postgres(Held::Alone(pools.leader.acquire().await?)),
        })
    }

    /// Waits until everything is written and closes.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pools, _) => pools.close().await,
            Self::Postgres(pools) => pools.close().await,
        }
    }
}

impl<DB: sqlx::Database> Connections<DB> {
    async fn close(&self) {
        self.readers.close().await;
        self.leader.close().await;
        self.writer.close().await;
    }
}
