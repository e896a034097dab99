//! The coordinator's database: rows are the truth, everything else can be derived again.
//!
//! One file a subject; each function is one or few statements on a connection, so that callers compose them into transactions.
//! Every change of a job's row is a compare-and-swap (see [`jobs`]). The SQL is portable, `dialect` holds what is not.

pub(crate) mod attempts;
pub(crate) mod bars;
pub(crate) mod condemned;
pub(crate) mod decisions;
mod dialect;
mod error;
pub(crate) mod facts;
pub(crate) mod jobs;
pub(crate) mod ledger;
pub(crate) mod line;
pub(crate) mod models;
mod read;
pub(crate) mod scores;
pub(crate) mod snapshots;
pub(crate) mod versions;

use newtype_uuid::{GenericUuid, TypedUuid, TypedUuidKind};
use sqlx::QueryBuilder;
use sqlx::pool::PoolConnection;

pub(crate) use dialect::{CHUNK, Connection, Row, Sql};
pub(crate) use error::{Error, Result};
pub(crate) use read::{Read, date_text};

/// A transaction that writes; dropped without a commit, nothing has happened.
pub(crate) type Transaction = sqlx::Transaction<'static, Sql>;

/// A handle to the database; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    writer: dialect::Pool,
    readers: dialect::Pool,
}

impl Database {
    /// Opens the database of a URL such as `sqlite:///var/lib/refit/refit.db`, creating it if need be.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let (writer, readers) = dialect::open(url).await?;
        Ok(Self { writer, readers })
    }

    /// Begins a transaction that writes. There is one writer at a time: keep it short, and do no other IO meanwhile.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        Ok(self.writer.begin_with(dialect::BEGIN_WRITE).await?)
    }

    /// A connection that reads; never waits for a writer.
    pub(crate) async fn read(&self) -> Result<PoolConnection<Sql>> {
        Ok(self.readers.acquire().await?)
    }

    /// A consistent view over several statements.
    pub(crate) async fn snapshot(&self) -> Result<Transaction> {
        Ok(self.readers.begin().await?)
    }

    /// Whether the database answers.
    pub(crate) async fn probe(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&mut *self.read().await?).await?;
        Ok(())
    }

    /// Waits until everything is written and closes.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A statement that goes on after a list of ids: `… WHERE job IN ($1, $2`. At most [`CHUNK`] of them.
fn one_of<T: TypedUuidKind>(start: &'static str, ids: &[TypedUuid<T>]) -> QueryBuilder<Sql> {
    let mut statement = QueryBuilder::new(start);
    let mut list = statement.separated(", ");
    for id in ids {
        list.push_bind(id.into_untyped_uuid());
    }
    statement
}
