//! PostgreSQL: writers take turns by an advisory lock, readers see snapshots.

use std::io::ErrorKind;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::connect::Trust;
use common::telemetry::table::{attribute, metric};
use sqlx::Connection as _;
use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions, Postgres};
use tokio::time::timeout;

use super::{Connections, schema, tls};
use crate::db::connection::Held;
use crate::db::error::Obstacle;
use crate::db::time_limit::Limits;

/// How long an answer to the first connection is waited for: what was sent to a host that had vanished is never answered, however soon it
/// is there again, and another try is.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a connection of a pool is waited for.
const ACQUIRE: Duration = Duration::from_secs(10);
/// Connections that read.
const READERS: u32 = 4;
/// How long a connection that has lain idle may take to show that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(3);
/// One that writes is asked for a sign of life only after so long: what lies between forgets connections that say nothing.
const IDLE: Duration = Duration::from_secs(5);
/// How the server notices that we are gone without a word: what it sends is not acknowledged, or it has nothing to send. Its part
/// of a connection that we cut keeps the turn of a writer until then.
const KEEP_ALIVE: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "20s"),
];
/// What begins a beat.
pub(super) const BEAT: &str = "BEGIN";
/// What is read in one piece, and cannot write.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// The turn of a writer, until its transaction ends. Several installations share a database by schemas of their own.
///
/// The turn comes first, in one message with `BEGIN`, and is part of the transaction all the same: the server takes what a message
/// holds for one transaction, and `BEGIN` goes on with it. If the turn is refused, no transaction is left open.
const TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended('refit ' || current_schema(), 0)); BEGIN";
/// The same for one whose commit does not wait for the disk.
const LAZY_TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended('refit ' || current_schema(), 0)),
    set_config('synchronous_commit', 'off', true); BEGIN";

/// Opens the database of a URL and brings its schema up to date, or says why it cannot.
pub(super) async fn open(url: &str, trust: &Trust, limits: Limits) -> Result<Connections<Postgres>, Obstacle> {
    let mut options = tls::by_default(PgConnectOptions::from_str(url)?, url, trust);
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
    let options = options.options(KEEP_ALIVE);
    migrate(&options, limits).await?;
    let pool = |connections| {
        // The pool's own question has no limit.
        let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE);
        pool.test_before_acquire(false)
    };
    let writer = options.clone().options([
        ("lock_timeout", "10s"),
        // A coordinator whose machine has vanished in the middle of a transaction keeps the others waiting no longer.
        ("idle_in_transaction_session_timeout", "5s"),
    ]);
    // They are kept for good, so that another one means that it was lost.
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
    let leader = kept().before_acquire(|db, _| Box::pin(lives(db))).connect_lazy_with(writer.clone());
    // Whether a connection that has just written still lives shows when a transaction begins: no need to ask it first.
    let writer = kept().before_acquire(|db, idle| Box::pin(lives_or_was_used(db, idle))).connect_lazy_with(writer);
    let readers = options.options([("default_transaction_read_only", "on")]);
    let readers = pool(READERS).before_acquire(|db, _| Box::pin(lives(db))).connect_lazy_with(readers);
    Ok(Connections { writer, readers, leader, limits, writes: Arc::default() })
}

/// Asks for a sign of life, and does not wait for it longer than for another connection. An error: it is cut.
async fn lives(db: &mut PgConnection) -> sqlx::Result<bool> {
    let Ok(answered) = timeout(SIGN_OF_LIFE, db.ping()).await else { return Err(sqlx::Error::PoolTimedOut) };
    answered.map(|()| true)
}

async fn lives_or_was_used(db: &mut PgConnection, idle: PoolConnectionMetadata) -> sqlx::Result<bool> {
    if idle.idle_for < IDLE { Ok(true) } else { lives(db).await }
}

/// In one transaction that writes: of several coordinators that start at once, the others wait and find it done. A connection of
/// its own, because a pool answers "timed out" where the reason is wanted.
async fn migrate(options: &PgConnectOptions, limits: Limits) -> Result<(), Obstacle> {
    let silent = |limit: Duration| {
        let reason = format!("it cannot be reached: no answer within {} s", limit.as_secs());
        Obstacle { reason, passes: true }
    };
    let connecting = timeout(CONNECT, PgConnection::connect_with(options));
    let mut connection = connecting.await.map_err(|_| silent(CONNECT))??;
    let turn = timeout(limits.write, connection.begin_with(TURN));
    let mut transaction = turn.await.map_err(|_| silent(limits.write))??;
    schema::bring_up_to_date(&mut *transaction, &schema::for_postgres()?).await?;
    transaction.commit().await?;
    Ok(connection.close().await?)
}

/// Begins a transaction that writes, as soon as no other does, in this process or any other.
///
/// The code above it is written for SQLite's one writer: it reads rows and writes what follows from them. With its turn taken
/// first and each statement seeing all that is committed, it may rely on the same here, and no transaction is ever refused at its
/// end and has to be tried again.
pub(super) async fn begin(pools: &Connections<Postgres>) -> sqlx::Result<Held<Postgres>> {
    begin_with(pools, TURN).await
}

/// The same, but its commit is on disk only a moment later, or with the next one that waits for it.
pub(super) async fn begin_lazily(pools: &Connections<Postgres>) -> sqlx::Result<Held<Postgres>> {
    begin_with(pools, LAZY_TURN).await
}

async fn begin_with(pools: &Connections<Postgres>, turn: &'static str) -> sqlx::Result<Held<Postgres>> {
    match pools.write(turn).await {
        Err(error) if was_lost(&error) => pools.write(turn).await,
        begun => begun,
    }
}

/// The connection broke, perhaps long ago, and nothing has begun: on another one it may. One that was silent has had its time.
fn was_lost(error: &sqlx::Error) -> bool {
    const ADMIN_SHUTDOWN: &str = "57P01";
    match error {
        sqlx::Error::Io(error) => error.kind() != ErrorKind::TimedOut,
        sqlx::Error::Database(error) => error.code().as_deref() == Some(ADMIN_SHUTDOWN),
        _ => false,
    }
}
