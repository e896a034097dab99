//! Connections to either database, on loan from its pool.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite};

/// A connection to one of the two databases.
#[derive(Debug)]
pub(crate) enum Connection {
    /// To SQLite.
    Sqlite(Held<Sqlite>),
    /// To PostgreSQL.
    Postgres(Held<Postgres>),
}

/// How a connection is held.
#[derive(Debug)]
pub(crate) enum Held<DB: sqlx::Database> {
    /// By itself: each statement is on its own.
    Alone(PoolConnection<DB>),
    /// In a transaction.
    Transaction(sqlx::Transaction<'static, DB>),
}

impl<DB: sqlx::Database> Deref for Held<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        match self {
            Self::Alone(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

impl<DB: sqlx::Database> DerefMut for Held<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        match self {
            Self::Alone(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

/// A connection that reads.
#[derive(Debug)]
pub(crate) struct Reader(pub(super) Connection);

/// A transaction; dropped without a commit, nothing has happened.
#[derive(Debug)]
pub(crate) struct Transaction(pub(super) Connection);

impl Transaction {
    /// Everything in it happens, or nothing does.
    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        match self.0 {
            Connection::Sqlite(Held::Transaction(transaction)) => transaction.commit().await,
            Connection::Postgres(Held::Transaction(transaction)) => transaction.commit().await,
            Connection::Sqlite(Held::Alone(_)) | Connection::Postgres(Held::Alone(_)) => Ok(()),
        }
    }
}

macro_rules! lends_its_connection {
    ($($holder:ty),+) => {
        $(impl Deref for $holder {
            type Target = Connection;

            fn deref(&self) -> &Connection {
                &self.0
            }
        }
        impl DerefMut for $holder {
            fn deref_mut(&mut self) -> &mut Connection {
                &mut self.0
            }
        })+
    };
}
lends_its_connection!(Reader, Transaction);
