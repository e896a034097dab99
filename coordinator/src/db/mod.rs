//! The coordinator's database: rows are the truth, everything else can be derived again.
//!
//! One file a subject; each function is one or few statements on a connection, so that callers compose them into transactions.
//! Every change of a job's row is a compare-and-swap (see [`jobs`]). The SQL exists once and runs on SQLite and on PostgreSQL,
//! chosen by the URL; `dialect` holds what differs.

pub(crate) mod alerts;
pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod availability;
pub(crate) mod backlog;
pub(crate) mod bars;
pub(crate) mod batches;
pub(crate) mod changes;
mod connection;
pub(crate) mod costs;
pub(crate) mod dataset_parts;
pub(crate) mod datasets;
pub(crate) mod days;
pub(crate) mod decisions;
pub(crate) mod deletion_marks;
mod dialect;
pub(crate) mod durations;
pub(crate) mod entries;
mod error;
pub(crate) mod facts;
pub(crate) mod imports;
pub(crate) mod invariants;
pub(crate) mod jobs;
pub(crate) mod leader;
pub(crate) mod ledger;
pub(crate) mod lives;
pub(crate) mod models;
pub(crate) mod pages;
pub(crate) mod pauses;
#[cfg(test)]
mod plans;
pub(crate) mod predictions;
pub(crate) mod reports;
pub(crate) mod reproductions;
pub(crate) mod retention;
mod row;
pub(crate) mod schedule_runs;
pub(crate) mod schedules;
mod scope;
pub(crate) mod scores;
pub(crate) mod searches;
pub(crate) mod serving;
pub(crate) mod snapshots;
mod statement;
pub(crate) mod terms;
mod time_limit;
pub(crate) mod tokens;
mod value;
pub(crate) mod verdicts;
pub(crate) mod versions;
pub(crate) mod watches;
mod writes;

use std::sync::Arc;
use std::time::Duration;

use common::connect::Trust;
use tokio::time::timeout;

pub(crate) use connection::{Connection, Reader, Transaction};
pub(crate) use dialect::CHUNK;
pub(crate) use error::{Error, Result};
pub(crate) use row::{Row, date_text};
pub(crate) use scope::Scope;
pub(crate) use statement::{Statement, lists, sql};
pub(crate) use value::Value;

/// Health is answered within this.
const PROBE: Duration = Duration::from_secs(5);

/// A handle to the database; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pools: Arc<dialect::Pools>,
}

impl Database {
    /// Opens the database of a URL such as `sqlite:///var/lib/refit/refit.db`, which is created if need be, or
    /// `postgres://refit@db/refit`, and brings its schema up to date. Several coordinators may do so at once.
    pub(crate) async fn open(url: &str, trust: &Trust) -> Result<Self> {
        Self::open_within(url, trust, time_limit::Limits::default()).await
    }

    async fn open_within(url: &str, trust: &Trust, limits: time_limit::Limits) -> Result<Self> {
        Ok(Self { pools: Arc::new(dialect::Pools::open(url, trust, limits).await?) })
    }

    /// Begins a transaction that writes. There is one writer at a time: keep it short, and do no other IO meanwhile. What is not
    /// committed 15 s later is rolled back, and its connection cut.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        Ok(Transaction(self.pools.begin().await?))
    }

    /// Begins a transaction that writes what can be repeated: a power cut may undo it, and all that was written so after it, but
    /// nothing before. Its commit does not wait for the disk.
    pub(crate) async fn begin_lazily(&self) -> Result<Transaction> {
        Ok(Transaction(self.pools.begin_lazily().await?))
    }

    /// A connection that reads; never waits for a writer.
    pub(crate) async fn read(&self) -> Result<Reader> {
        Ok(Reader(self.pools.read().await?))
    }

    /// A consistent view over several statements.
    pub(crate) async fn snapshot(&self) -> Result<Transaction> {
        Ok(Transaction(self.pools.snapshot().await?))
    }

    /// Begins a transaction of the leader alone, which says that it lives: on a connection that nobody else uses, before every writer
    /// that has not begun. It changes the leader's row and nothing else.
    pub(crate) async fn begin_beat(&self) -> Result<Transaction> {
        Ok(Transaction(self.pools.begin_beat().await?))
    }

    /// The leader's own connection, to look at its row.
    pub(crate) async fn look(&self) -> Result<Reader> {
        Ok(Reader(self.pools.look().await?))
    }

    /// For how long no write has got through; `None`: the last one did, or none has been tried. A write that could not begin, or was
    /// not committed within its time, begins it; the next commit ends it.
    pub(crate) fn writes_fail_for(&self) -> Option<Duration> {
        self.pools.writes().failing_for()
    }

    /// Whether the database answers, and takes writes again if it did not. Writes nothing.
    pub(crate) async fn probe(&self) -> Result<()> {
        let silent = |_| Err(Error::Lost { reason: format!("no answer within {} s", PROBE.as_secs()) });
        timeout(PROBE, self.ask()).await.unwrap_or_else(silent)
    }

    async fn ask(&self) -> Result<()> {
        sql("SELECT 1").execute(&mut *self.read().await?).await?;
        if let Some(failing) = self.writes_fail_for() {
            let turn = timeout(PROBE / 2, async { self.begin().await?.commit().await.map_err(Error::from) }).await;
            let reason = || format!("it answers, but no write has got through for {} s", failing.as_secs());
            return turn.unwrap_or_else(|_| Err(Error::Lost { reason: reason() }));
        }
        Ok(())
    }

    /// Waits until everything is written and closes.
    pub(crate) async fn close(&self) {
        self.pools.close().await;
    }
}
