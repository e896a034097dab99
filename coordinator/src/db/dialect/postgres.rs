//! PostgreSQL: writers take turns by an advisory lock, readers see snapshots.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::connect::Trust;
use common::telemetry::table::{attribute, metric};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres};
use sqlx::{Connection as _, Transaction};

use super::{Connections, schema};
use crate::db::error::Obstacle;

/// How long an answer to the first connection is waited for, and later a connection of the pool.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that read.
const READERS: u32 = 4;
/// What is read in one piece, and cannot write.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// The turn of a writer, until its transaction ends. Several installations share a database by schemas of their own.
///
/// The turn comes first, in one message with `BEGIN`, and is part of the transaction all the same: the server takes what a message
/// holds for one transaction, and `BEGIN` goes on with it. If the turn is refused, no transaction is left open.
const TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended('refit ' || current_schema(), 0)); BEGIN";
/// The same for one whose commit does not wait for the disk.
const LAZY_TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended('refit ' || current_schema(), 0)),
    set_config('synchronous_commit', 'off', true); BEGIN";

/// Opens the database of a URL and brings its schema up to date, or says why it cannot.
pub(super) async fn open(url: &str, trust: &Trust) -> Result<Connections<Postgres>, Obstacle> {
    let mut options = PgConnectOptions::from_str(url)?;
    // The URL's own word goes first.
    if let Some(file) = trust.file().filter(|_| !url.contains("sslrootcert=")) {
        options = options.ssl_root_cert(file);
    }
    let name = options.get_application_name().unwrap_or("refit").to_owned();
    let options = options.application_name(&name).statement_cache_capacity(256).options([
        // What is there already need not be said at each start.
        ("client_min_messages", "warning"),
        // Rows are looked up by the handful, and no disk of today takes four times as long for a page out of order: by the
        // server's default, the first minutes of a growing table are read from end to end for each of them.
        ("random_page_cost", "1.1"),
    ]);
    migrate(&options).await?;
    let pool = |connections| PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
    let writer = options.clone().options([
        ("lock_timeout", "10s"),
        // A coordinator whose machine has vanished in the middle of a transaction keeps the others waiting no longer.
        ("idle_in_transaction_session_timeout", "60s"),
    ]);
    // Whether a connection that writes still lives shows when a transaction begins: no need to ask it first. It is kept for good, so
    // that another one means that it was lost.
    let kept = || {
        let connected = AtomicBool::new(false);
        pool(1).idle_timeout(None).max_lifetime(None).after_connect(move |_, _| {
            if connected.swap(true, Ordering::Relaxed) {
                metric::RECONNECTS.add(1, &[(&attribute::SERVICE, "postgresql")]);
            }
            Box::pin(async { Ok(()) })
        })
    };
    // The leader's row is changed by compare-and-swap: its beat takes no turn, and waits for no writer.
    let leader = kept().connect_lazy_with(writer.clone());
    let readers = options.options([("default_transaction_read_only", "on")]);
    let (writer, readers) =
        (kept().test_before_acquire(false).connect_lazy_with(writer), pool(READERS).connect_lazy_with(readers));
    Ok(Connections { writer, readers, leader })
}

/// In one transaction that writes: of several coordinators that start at once, the others wait and find it done. A connection of
/// its own, because a pool answers "timed out" where the reason is wanted.
async fn migrate(options: &PgConnectOptions) -> Result<(), Obstacle> {
    let connecting = tokio::time::timeout(PATIENCE, PgConnection::connect_with(options));
    let Ok(connected) = connecting.await else {
        let why = format!("it cannot be reached: no answer within {} s", PATIENCE.as_secs());
        return Err(Obstacle { why, passes: true });
    };
    let mut connection = connected?;
    let mut transaction = connection.begin_with(TURN).await?;
    schema::bring_up_to_date(&mut *transaction, &schema::for_postgres()?).await?;
    transaction.commit().await?;
    Ok(connection.close().await?)
}

/// Begins a transaction that writes, as soon as no other does, in this process or any other.
///
/// The code above it is written for SQLite's one writer: it reads rows and writes what follows from them. With its turn taken
/// first and each statement seeing all that is committed, it may rely on the same here, and no transaction is ever refused at its
/// end and has to be tried again.
pub(super) async fn begin(writer: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    begin_with(writer, TURN).await
}

/// The same, but its commit is on disk only a moment later, or with the next one that waits for it.
pub(super) async fn begin_lazily(writer: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    begin_with(writer, LAZY_TURN).await
}

async fn begin_with(writer: &PgPool, turn: &'static str) -> sqlx::Result<Transaction<'static, Postgres>> {
    let writer = writer.clone();
    to_its_end(async move {
        match writer.begin_with(turn).await {
            Err(error) if was_lost(&error) => writer.begin_with(turn).await,
            begun => begun,
        }
    })
    .await
}

/// The connection broke, perhaps long ago, and nothing has begun: on another one it may.
fn was_lost(error: &sqlx::Error) -> bool {
    const ADMIN_SHUTDOWN: &str = "57P01";
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().as_deref() == Some(ADMIN_SHUTDOWN),
        _ => false,
    }
}

/// Begins a transaction whose statements all see the same state.
pub(super) async fn snapshot(readers: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let readers = readers.clone();
    to_its_end(async move { readers.begin_with(SNAPSHOT).await }).await
}

/// Begins even if nobody waits for it any more. Dropped between the server's `BEGIN` and its answer, the driver would put a
/// connection with an open transaction back into the pool: for ever in an old snapshot.
async fn to_its_end(
    beginning: impl Future<Output = sqlx::Result<Transaction<'static, Postgres>>> + Send + 'static,
) -> sqlx::Result<Transaction<'static, Postgres>> {
    tokio::spawn(beginning).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}
