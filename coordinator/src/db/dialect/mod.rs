//! All that depends on which database it is: how it is opened, how a transaction begins, and the words of the schema.

mod postgres;
mod schema;
mod sqlite;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use common::connect::Trust;
use sqlx::{Pool, Postgres, Sqlite};
use tokio::time::timeout;

use super::connection::{Connection, Driver, Held};
use super::error::Obstacle;
use super::time_limit::{Limits, TimeLimit};
use super::writes::Writes;
use super::{Error, Result};

/// Rows of one multi-row statement: SQLite takes 32,766 values in one, PostgreSQL 65,535.
pub(crate) const CHUNK: usize = 500;
/// How long the goodbye to a database may take.
const GOODBYE: Duration = Duration::from_secs(2);

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
    limits: Limits,
    writes: Arc<Writes>,
}

impl Pools {
    /// Opens the database of a URL, and brings its schema up to date.
    pub(super) async fn open(url: &str, trust: &Trust, limits: Limits) -> Result<Self> {
        let opened = match url.split_once(':') {
            Some(("sqlite", _)) => sqlite::open(url, limits).await.map(|(pools, gate)| Self::Sqlite(pools, gate)),
            Some(("postgres" | "postgresql", _)) => postgres::open(url, trust, limits).await.map(Self::Postgres),
            Some(_) | None => Err("the URL must begin with sqlite:// or postgres://".to_owned().into()),
        };
        let url = common::settings::without_password(url);
        opened.map_err(|Obstacle { reason, passes }| Error::Open { url: url.into_owned(), reason, passes })
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&self) -> sqlx::Result<Connection> {
        let begun = match self {
            Self::Sqlite(pools, _) => pools.write(sqlite::WRITE).await.map(Connection::Sqlite),
            Self::Postgres(pools) => postgres::begin(pools).await.map(Connection::Postgres),
        };
        self.noted(begun)
    }

    /// Begins a transaction that writes, and whose commit does not wait for the disk.
    pub(super) async fn begin_lazily(&self) -> sqlx::Result<Connection> {
        let begun = match self {
            Self::Sqlite(pools, _) => pools.write(sqlite::WRITE_LAZILY).await.map(Connection::Sqlite),
            Self::Postgres(pools) => postgres::begin_lazily(pools).await.map(Connection::Postgres),
        };
        self.noted(begun)
    }

    fn noted(&self, begun: sqlx::Result<Connection>) -> sqlx::Result<Connection> {
        begun.inspect_err(|_| self.writes().failed())
    }

    /// Begins a transaction that reads: all of its statements see the same state.
    pub(super) async fn snapshot(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(pools.snapshot(sqlite::SNAPSHOT).await?),
            Self::Postgres(pools) => Connection::Postgres(pools.snapshot(postgres::SNAPSHOT).await?),
        })
    }

    /// Lends a connection that reads.
    pub(super) async fn read(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(pools.read().await?),
            Self::Postgres(pools) => Connection::Postgres(pools.read().await?),
        })
    }

    /// Begins a transaction on the leader's own connection, which goes before every writer that has not begun.
    pub(super) async fn begin_beat(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, gate) => Connection::Sqlite(sqlite::begin_beat(pools, gate).await?),
            Self::Postgres(pools) => Connection::Postgres(pools.beat(postgres::BEAT).await?),
        })
    }

    /// Lends the leader's own connection, to read.
    pub(super) async fn look(&self) -> sqlx::Result<Connection> {
        Ok(match self {
            Self::Sqlite(pools, _) => Connection::Sqlite(pools.look().await?),
            Self::Postgres(pools) => Connection::Postgres(pools.look().await?),
        })
    }

    /// Whether writes get through.
    pub(super) fn writes(&self) -> &Writes {
        match self {
            Self::Sqlite(pools, _) => &pools.writes,
            Self::Postgres(pools) => &pools.writes,
        }
    }

    /// Waits until everything is written and closes. One that does not answer is left.
    pub(super) async fn close(&self) {
        let closed = async {
            match self {
                Self::Sqlite(pools, _) => pools.close().await,
                Self::Postgres(pools) => pools.close().await,
            }
        };
        let _left = timeout(GOODBYE, closed).await;
    }
}

impl<DB: Driver> Connections<DB> {
    async fn write(&self, words: &'static str) -> sqlx::Result<Held<DB>> {
        let lent = self.writer.acquire().await?;
        Held::begin(lent, words, TimeLimit::of_a_write(self.limits, &self.writes)).await
    }

    async fn snapshot(&self, words: &'static str) -> sqlx::Result<Held<DB>> {
        Held::begin(self.readers.acquire().await?, words, TimeLimit::with_each(self.limits.read)).await
    }

    async fn read(&self) -> sqlx::Result<Held<DB>> {
        Ok(Held::alone(self.readers.acquire().await?, TimeLimit::with_each(self.limits.read)))
    }

    async fn beat(&self, words: &'static str) -> sqlx::Result<Held<DB>> {
        Held::begin(self.leader.acquire().await?, words, TimeLimit::of_a_beat(self.limits)).await
    }

    async fn look(&self) -> sqlx::Result<Held<DB>> {
        Ok(Held::alone(self.leader.acquire().await?, TimeLimit::with_each(Some(self.limits.beat))))
    }

    async fn close(&self) {
        self.readers.close().await;
        self.leader.close().await;
        self.writer.close().await;
    }
}
