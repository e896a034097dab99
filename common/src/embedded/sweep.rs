//! Drops messages of the bus that nobody needs any more, and gives the disk back what they took.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use super::database::Database;
use crate::ports::MESSAGES_KEPT;

/// Bytes of messages that are kept; beyond, the oldest go first. Readers are milliseconds behind, and all that counts is repeated.
const MOST_BYTES: u64 = 16 << 20;
/// A process looks after so long …
const EVERY: Duration = Duration::from_secs(10);
/// … or after it has posted so many bytes.
const EVERY_BYTES: u64 = 2 << 20;
/// Free pages that the file keeps for what comes next; the others are cut off. A page has 4 KiB.
const SPARE_PAGES: i64 = 256;

/// When this process has swept last. Each process sweeps what all have posted.
#[derive(Debug)]
pub(super) struct Sweeper {
    /// Microseconds since the host was booted.
    swept_at: AtomicI64,
    posted: AtomicU64,
}

impl Sweeper {
    pub(super) fn new(now: i64) -> Self {
        Self { swept_at: AtomicI64::new(now), posted: AtomicU64::new(0) }
    }

    /// So many bytes were posted: sweeps, if that is due.
    pub(super) async fn posted(&self, database: &Database, bytes: u64, now: i64) -> sqlx::Result<()> {
        let posted = self.posted.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let last = self.swept_at.load(Ordering::Relaxed);
        let due = now - last >= EVERY.as_micros() as i64 || posted >= EVERY_BYTES;
        if due && self.swept_at.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.posted.store(0, Ordering::Relaxed);
            sweep(database, now).await?;
        }
        Ok(())
    }
}

async fn sweep(database: &Database, now: i64) -> sqlx::Result<()> {
    let write = &database.write;
    sqlx::query("DELETE FROM message WHERE posted_at < ?")
        .bind(now - MESSAGES_KEPT.as_micros() as i64)
        .execute(write)
        .await?;
    sqlx::query(
        "DELETE FROM message WHERE cursor <= (
             SELECT max(cursor) FROM (SELECT cursor, sum(length(body)) OVER (ORDER BY cursor DESC) AS bytes FROM message)
             WHERE bytes > ?)",
    )
    .bind(MOST_BYTES as i64)
    .execute(write)
    .await?;
    sqlx::query("DELETE FROM cell WHERE expires_at <= ?").bind(now).execute(write).await?;
    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(write).await?;
    if free > SPARE_PAGES {
        // A pragma takes no parameters.
        let cut = sqlx::AssertSqlSafe(format!("PRAGMA incremental_vacuum({})", free - SPARE_PAGES));
        sqlx::query(cut).fetch_all(write).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::embedded::SqliteBus;
    use crate::ports::{Cursor, EventBus, Mailbox};

    const PIECE: usize = 64 << 10;

    async fn post(bus: &SqliteBus, messages: usize) {
        for _ in 0..messages {
            bus.post(Mailbox::Coordinator, Bytes::from(vec![7; PIECE])).await.unwrap();
        }
    }

    async fn length(database: &Database, file: &std::path::Path) -> u64 {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&database.write).await.unwrap();
        std::fs::metadata(file).unwrap().len()
    }

    #[tokio::test]
    async fn the_file_is_bounded_however_much_is_posted_and_shrinks_when_that_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bus.db");
        let bus = SqliteBus::open(&file).await.unwrap();
        let database = Database::open(&file).await.unwrap();
        let bound = MOST_BYTES + EVERY_BYTES + SPARE_PAGES as u64 * 4096 + (1 << 20);
        for _ in 0..3 {
            post(&bus, MOST_BYTES as usize / PIECE).await;
            let length = length(&database, &file).await;
            assert!(length < bound, "{length} bytes");
        }
        let newest = bus.tail(Mailbox::Coordinator).await.unwrap();
        let kept = bus.read(Mailbox::Coordinator, Cursor(0), 1_000_000, Duration::ZERO).await.unwrap();
        assert_eq!(kept.last().unwrap().cursor, newest, "the oldest went");
        assert!(kept.len() * PIECE > MOST_BYTES as usize / 2);

        let later = super::super::host::uptime() + 2 * MESSAGES_KEPT.as_micros() as i64;
        sweep(&database, later).await.unwrap();
        assert!(bus.read(Mailbox::Coordinator, Cursor(0), 1, Duration::ZERO).await.unwrap().is_empty());
        assert!(length(&database, &file).await < 2 << 20);
        post(&bus, 1).await;
        let next = bus.read(Mailbox::Coordinator, newest, 9, Duration::ZERO).await.unwrap();
        assert_eq!(next.len(), 1, "a reader misses nothing that comes later");
    }

    /// Files of earlier releases cannot be cut: they are written anew once, when they are opened.
    #[tokio::test]
    async fn a_file_of_an_earlier_release_shrinks_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bus.db");
        drop(SqliteBus::open(&file).await.unwrap());
        let database = Database::open(&file).await.unwrap();
        for statement in ["PRAGMA auto_vacuum = NONE", "VACUUM"] {
            sqlx::query(statement).execute(&database.write).await.unwrap();
        }
        let bus = SqliteBus::open(&file).await.unwrap();
        post(&bus, 100).await;
        sweep(&database, super::super::host::uptime() + 2 * MESSAGES_KEPT.as_micros() as i64).await.unwrap();
        assert!(length(&database, &file).await < 2 << 20);
    }
}
