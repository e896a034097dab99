//! The bus on SQLite.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use super::database::{Database, given_back};
use super::dead_letters;
use super::host::uptime;
use super::sweep::Sweeper;
use crate::ports::{Cursor, DeadLetter, DeadLetters, EventBus, Key, LetterKind, Mailbox, PortError, Posted, Taken};

/// Mailboxes and cells in `bus.db`.
#[derive(Debug)]
pub struct SqliteBus {
    database: Database,
    sweeper: Sweeper,
}

impl SqliteBus {
    /// Opens the bus in this file, making it if needed.
    ///
    /// # Errors
    /// The folder is on a network file system or cannot be written; the file is not a database or of a later release.
    pub async fn open(file: &Path) -> Result<Self, PortError> {
        Ok(Self { database: Database::open(file).await?, sweeper: Sweeper::new(uptime()) })
    }

    /// Runs `look` until it finds something, at most until `wait` is over.
    async fn until_found<T, F>(&self, topic: &str, wait: Duration, look: impl Fn() -> F) -> Result<Option<T>, PortError>
    where
        F: Future<Output = sqlx::Result<Option<T>>>,
    {
        let look = async || look().await.map_err(|error| self.database.failed(error));
        let end = Instant::now() + wait;
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        let listener = self.database.wake.listen(topic).map_err(|error| PortError::Unreachable {
            what: "the folder of wake-ups".into(),
            reason: error.to_string(),
        })?;
        loop {
            if let Some(found) = look().await? {
                return Ok(Some(found));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            listener.wait(left).await;
        }
    }
}

/// The name of a mailbox, in the database and as a topic of wake-ups.
fn name_of(mailbox: Mailbox) -> String {
    match mailbox {
        Mailbox::Coordinator => "coordinator".into(),
        Mailbox::Worker(worker) => format!("worker-{worker}"),
        Mailbox::Predictors => "predictors".into(),
        Mailbox::Answers(coordinator) => format!("answers-{coordinator}"),
    }
}

#[async_trait]
impl EventBus for SqliteBus {
    async fn post(&self, to: Mailbox, body: Bytes) -> Result<(), PortError> {
        let mailbox = name_of(to);
        let posted = sqlx::query("INSERT INTO message (mailbox, body, posted_at) VALUES (?, ?, ?)")
            .bind(&mailbox)
            .bind(body.as_ref())
            .bind(uptime())
            .execute(&self.database.write)
            .await;
        posted.map_err(|error| self.database.failed(error))?;
        self.database.wake.notify(&mailbox);
        let swept = self.sweeper.posted(&self.database, body.len() as u64, uptime()).await;
        swept.map_err(|error| self.database.failed(error))
    }

    async fn read(&self, from: Mailbox, after: Cursor, max: usize, wait: Duration) -> Result<Vec<Posted>, PortError> {
        let mailbox = &name_of(from);
        let look = async || {
            let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
                "SELECT cursor, body FROM message WHERE mailbox = ? AND cursor > ? ORDER BY cursor LIMIT ?",
            )
            .bind(mailbox)
            .bind(after.0 as i64)
            .bind(max as i64)
            .fetch_all(&self.database.read)
            .await?;
            Ok(Some(rows).filter(|rows| !rows.is_empty()))
        };
        let rows = self.until_found(mailbox, wait, look).await?.unwrap_or_default();
        Ok(rows.into_iter().map(|(cursor, body)| Posted { cursor: Cursor(cursor as u64), body: body.into() }).collect())
    }

    async fn tail(&self, of: Mailbox) -> Result<Cursor, PortError> {
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(cursor) FROM message WHERE mailbox = ?")
            .bind(name_of(of))
            .fetch_one(&self.database.read)
            .await
            .map_err(|error| self.database.failed(error))?;
        Ok(Cursor(newest.unwrap_or(0) as u64))
    }

    async fn take(&self, from: Mailbox, wait: Duration) -> Result<Option<Taken>, PortError> {
        let mailbox = &name_of(from);
        let look = async || {
            let oldest: Option<i64> = sqlx::query_scalar("SELECT min(cursor) FROM message WHERE mailbox = ?")
                .bind(mailbox)
                .fetch_one(&self.database.read)
                .await?;
            let Some(_) = oldest else { return Ok(None) };
            let take = sqlx::query_as::<_, (Vec<u8>, i64)>(
                "DELETE FROM message WHERE cursor = (SELECT min(cursor) FROM message WHERE mailbox = ?)
                 RETURNING body, posted_at",
            );
            take.bind(mailbox).fetch_all(&self.database.write).await.map(given_back)
        };
        let taken = self.until_found(mailbox, wait, look).await?;
        let age = |posted: i64| Duration::from_micros(u64::try_from(uptime() - posted).unwrap_or_default());
        Ok(taken.map(|(body, posted)| Taken { body: body.into(), age: age(posted) }))
    }

    async fn put(&self, key: &Key, value: Bytes, ttl: Duration) -> Result<(), PortError> {
        sqlx::query(
            "INSERT INTO cell (name, value, expires_at) VALUES (?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
        )
        .bind(key)
        .bind(value.as_ref())
        .bind(uptime().saturating_add(i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX)))
        .execute(&self.database.write)
        .await
        .map_err(|error| self.database.failed(error))?;
        Ok(())
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>, PortError> {
        let value: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM cell WHERE name = ? AND expires_at > ?")
            .bind(key)
            .bind(uptime())
            .fetch_optional(&self.database.read)
            .await
            .map_err(|error| self.database.failed(error))?;
        Ok(value.map(Bytes::from))
    }

    async fn set_aside(&self, letter: DeadLetter) -> Result<(), PortError> {
        let kept = async {
            let mut transaction = self.database.write.begin_with("BEGIN IMMEDIATE").await?;
            dead_letters::keep(&mut transaction, &letter).await?;
            transaction.commit().await
        };
        kept.await.map_err(|error| self.database.failed(error))
    }

    async fn dead_letters(&self) -> Result<DeadLetters, PortError> {
        dead_letters::of(&self.database, &LetterKind::OF_THE_BUS).await.map_err(|error| self.database.failed(error))
    }

    async fn probe(&self) -> Result<(), PortError> {
        self.database.probe().await
    }
}
