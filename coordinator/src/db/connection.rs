//! Connections to either database, on loan from its pool.
//!
//! A loan ends in one of two ways. The connection goes back to its pool, with what was begun and not committed rolled back; or, if
//! it does not answer in time, it is cut: nothing is sent on it any more, and the pool makes another one at once. The driver's own
//! transactions know only the first, and wait for a dead host as long as TCP does: so transactions are begun and ended by words here.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, raw_sql};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::time_limit::{TimeLimit, silent};

/// How long a connection may take to go back to its pool.
const RETURN: Duration = Duration::from_secs(3);

/// A connection to one of the two databases.
#[derive(Debug)]
pub(crate) enum Connection {
    /// To SQLite.
    Sqlite(Held<Sqlite>),
    /// To PostgreSQL.
    Postgres(Held<Postgres>),
}

/// A connection on loan, in a transaction or by itself.
#[derive(Debug)]
pub(crate) struct Held<DB: Driver> {
    /// There until it goes back.
    lent: Option<PoolConnection<DB>>,
    /// A transaction has begun, or may have.
    open: bool,
    time_limit: TimeLimit,
}

/// A database that does what words say.
pub(crate) trait Driver: sqlx::Database {
    /// Runs words that have no values and whose answer does not matter.
    fn run(connection: &mut Self::Connection, words: &'static str) -> impl Future<Output = sqlx::Result<()>> + Send;
}

impl Driver for Sqlite {
    async fn run(connection: &mut SqliteConnection, words: &'static str) -> sqlx::Result<()> {
        raw_sql(words).execute(connection).await.map(drop)
    }
}

impl Driver for Postgres {
    async fn run(connection: &mut PgConnection, words: &'static str) -> sqlx::Result<()> {
        raw_sql(words).execute(connection).await.map(drop)
    }
}

impl<DB: Driver> Held<DB> {
    /// By itself: each statement is on its own.
    pub(super) fn alone(lent: PoolConnection<DB>, time_limit: TimeLimit) -> Self {
        Self { lent: Some(lent), open: false, time_limit }
    }

    /// Begins a transaction with these words. Dropped before the answer, nothing has begun.
    pub(super) async fn begin(
        lent: PoolConnection<DB>,
        words: &'static str,
        time_limit: TimeLimit,
    ) -> sqlx::Result<Self> {
        let mut held = Self { lent: Some(lent), open: true, time_limit };
        let begun = held.run(words).await;
        // One that was refused has not begun.
        held.open = !matches!(begun, Err(sqlx::Error::Database(_)));
        begun.map(|()| held)
    }

    async fn commit(&mut self) -> sqlx::Result<()> {
        if self.open {
            self.run("COMMIT").await?;
            self.open = false;
            self.time_limit.got_through();
        }
        Ok(())
    }

    async fn run(&mut self, words: &'static str) -> sqlx::Result<()> {
        let (connection, time_limit) = self.parts()?;
        time_limit.wait(DB::run(connection, words)).await
    }

    /// The connection, and the time limit to wait with for its answers.
    ///
    /// # Errors
    /// It has been silent for too long already.
    pub(super) fn parts(&mut self) -> sqlx::Result<(&mut DB::Connection, &mut TimeLimit)> {
        match &mut self.lent {
            Some(lent) if !self.time_limit.is_over() => Ok((lent, &mut self.time_limit)),
            Some(_) | None => Err(silent()),
        }
    }
}

impl<DB: Driver> Drop for Held<DB> {
    fn drop(&mut self) {
        let Some(lent) = self.lent.take() else { return };
        match Handle::try_current() {
            Ok(runtime) if !self.time_limit.gives_it_up() => drop(runtime.spawn(give_back(lent, self.open))),
            Ok(_) | Err(_) => cut(lent),
        }
    }
}

/// Rolls back what is open, and hands the connection back to its pool.
async fn give_back<DB: Driver>(mut lent: PoolConnection<DB>, open: bool) {
    if open {
        match timeout(RETURN, DB::run(&mut lent, "ROLLBACK")).await {
            // A transaction that the database has ended by itself cannot be rolled back.
            Ok(Ok(()) | Err(sqlx::Error::Database(_))) => {}
            Ok(Err(_)) | Err(_) => return cut(lent),
        }
    }
    // The pool asks it whether it lives, without a limit. Dropped meanwhile, the connection is cut.
    let _late = timeout(RETURN, lent.return_to_pool()).await;
}

/// Takes the connection out of its pool and closes it without a word.
fn cut<DB: Driver>(lent: PoolConnection<DB>) {
    drop(lent.detach());
}

/// A connection that reads.
#[derive(Debug)]
pub(crate) struct Reader(pub(super) Connection);

/// A transaction; dropped without a commit, nothing has happened.
#[derive(Debug)]
pub(crate) struct Transaction(pub(super) Connection);

impl Transaction {
    /// Everything in it happens, or nothing does.
    pub(crate) async fn commit(mut self) -> sqlx::Result<()> {
        match &mut self.0 {
            Connection::Sqlite(held) => held.commit().await,
            Connection::Postgres(held) => held.commit().await,
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
