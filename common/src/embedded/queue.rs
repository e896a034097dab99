//! The queue on SQLite.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::database::{Database, given_back};
use super::dead_letters;
use super::host::uptime;
use super::wake::Listener;
use crate::ports::{Consumer, DeadLetter, DeadLetters, Delivery, JobQueue, LetterKind, Level, PortError};
use crate::vocabulary::Pool;
use crate::wire::codec::{self, Limits};
use crate::wire::{Doorbell, DoorbellBatch};

const TOPIC: &str = "queue";

/// How long a consumer may keep a doorbell without acknowledging: its process is dead then, and the doorbell goes to another.
const HOLD: Duration = Duration::from_secs(30);

/// Doorbells in `bus.db`.
#[derive(Debug, Clone)]
pub struct SqliteQueue {
    database: Database,
}

impl SqliteQueue {
    /// Opens the queue in this file, making it if needed.
    ///
    /// # Errors
    /// The folder is on a network file system or cannot be written; the file is not a database or of a later release.
    pub async fn open(file: &Path) -> Result<Self, PortError> {
        Ok(Self { database: Database::open(file).await? })
    }
}

#[async_trait]
impl JobQueue for SqliteQueue {
    async fn publish(&self, pool: &Pool, level: Level, doorbells: &[Doorbell], ttl: Duration) -> Result<(), PortError> {
        let body = codec::encode(doorbells)
            .map_err(|error| PortError::Unusable { what: "a doorbell".into(), reason: error.to_string() })?;
        let now = uptime();
        let failed = |error| self.database.failed(error);
        // Whoever brings new ones takes the dead ones away. One that is held is for its holder to acknowledge.
        sqlx::query("DELETE FROM doorbell WHERE expires_at <= ? AND (holder IS NULL OR held_until <= ?)")
            .bind(now)
            .bind(now)
            .execute(&self.database.write)
            .await
            .map_err(failed)?;
        sqlx::query("INSERT INTO doorbell (pool, level, body, traceparent, expires_at) VALUES (?, ?, ?, ?, ?)")
            .bind(pool.as_str())
            .bind(level.get())
            .bind(body.as_ref())
            .bind(doorbells.first().and_then(|first| first.trace).map(String::from))
            .bind(now.saturating_add(i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX)))
            .execute(&self.database.write)
            .await
            .map_err(failed)?;
        self.database.wake.notify(TOPIC);
        Ok(())
    }

    async fn consume(&self, pools: &[Pool]) -> Result<Box<dyn Consumer>, PortError> {
        let listener = self.database.wake.listen(TOPIC).map_err(|error| PortError::Unreachable {
            what: "the folder of wake-ups".into(),
            reason: error.to_string(),
        })?;
        let names: Vec<&str> = pools.iter().map(Pool::as_str).collect();
        let taker =
            Taker { database: self.database.clone(), id: Uuid::new_v4(), pools: serde_json::json!(names).to_string() };
        Ok(Box::new(SqliteConsumer { taker, listener, taking: None }))
    }

    async fn dead_letters(&self) -> Result<DeadLetters, PortError> {
        dead_letters::of(&self.database, &[LetterKind::Doorbell]).await.map_err(|error| self.database.failed(error))
    }

    async fn probe(&self) -> Result<(), PortError> {
        self.database.probe().await
    }

    fn system(&self) -> &'static str {
        "sqlite"
    }

    fn name_of(&self, pool: &Pool) -> String {
        pool.to_string()
    }
}

struct SqliteConsumer {
    taker: Taker,
    listener: Listener,
    // The attempt to take runs as a task of its own: a cancelled `next` leaves it here, and the following `next` finds what it took.
    taking: Option<JoinHandle<Result<Option<Delivery>, PortError>>>,
}

#[async_trait]
impl Consumer for SqliteConsumer {
    async fn next(&mut self) -> Result<Delivery, PortError> {
        loop {
            let taking = self.taking.get_or_insert_with(|| tokio::spawn(self.taker.clone().take()));
            let taken = taking.await;
            self.taking = None;
            match taken
                .map_err(|error| PortError::Unreachable { what: "the queue".into(), reason: error.to_string() })??
            {
                Some(delivery) => return Ok(delivery),
                None => self.listener.wait(Duration::MAX).await,
            }
        }
    }

    async fn ack(&mut self, delivery: &Delivery) -> Result<bool, PortError> {
        let done = sqlx::query("DELETE FROM doorbell WHERE id = ? AND holder = ?")
            .bind(delivery.tag as i64)
            .bind(self.taker.id)
            .execute(&self.taker.database.write)
            .await
            .map_err(|error| self.taker.database.failed(error))?;
        Ok(done.rows_affected() == 1)
    }
}

impl Drop for SqliteConsumer {
    fn drop(&mut self) {
        let (taker, taking) = (self.taker.clone(), self.taking.take());
        // Without a runtime the process is ending: the doorbells come back when their time is over.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Some(taking) = taking {
                    let _given_back_below = taking.await;
                }
                if let Err(error) = taker.give_back().await {
                    tracing::warn!(%error, "doorbells come back only after {} s", HOLD.as_secs());
                }
            });
        }
    }
}

/// Takes doorbells in the name of one consumer.
#[derive(Clone)]
struct Taker {
    database: Database,
    id: Uuid,
    // As a JSON list: SQLite binds no lists.
    pools: String,
}

struct Taken {
    id: i64,
    pool: String,
    body: Vec<u8>,
    deliveries: i64,
    traceparent: Option<String>,
}

impl Taken {
    fn read(row: SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            pool: row.try_get("pool")?,
            body: row.try_get("body")?,
            deliveries: row.try_get("deliveries")?,
            traceparent: row.try_get("traceparent")?,
        })
    }
}

impl Taker {
    /// Takes the foremost doorbell, if there is one. Bodies that cannot be read are put aside on the way.
    async fn take(self) -> Result<Option<Delivery>, PortError> {
        while let Some(taken) = self.take_one().await.map_err(|error| self.database.failed(error))? {
            match codec::decode::<DoorbellBatch>(&taken.body, Limits::default()) {
                Ok(DoorbellBatch(mut doorbells)) => {
                    if let Some(first) = doorbells.first_mut() {
                        first.trace = taken.traceparent.and_then(|text| text.parse().ok());
                    }
                    return Ok(Some(Delivery {
                        doorbells,
                        tag: taken.id as u64,
                        redelivered: taken.deliveries > 1,
                        queue: taken.pool,
                    }));
                }
                Err(error) => {
                    tracing::warn!(%error, "a doorbell cannot be read and is kept as a dead letter");
                    let letter = DeadLetter::new(LetterKind::Doorbell, &taken.body, &error);
                    self.put_aside(taken.id, &letter).await.map_err(|error| self.database.failed(error))?;
                }
            }
        }
        Ok(None)
    }

    async fn take_one(&self) -> sqlx::Result<Option<Taken>> {
        let now = uptime();
        // Look before writing: an idle consumer must not take the write lock five times a second.
        while let Some(id) = self.foremost(now).await? {
            let taken = sqlx::query(
                "UPDATE doorbell SET holder = ?, held_until = ?, deliveries = deliveries + 1
                 WHERE id = ? AND (holder IS NULL OR held_until <= ?) RETURNING id, pool, body, deliveries, traceparent",
            )
            .bind(self.id)
            .bind(now + HOLD.as_micros() as i64)
            .bind(id)
            .bind(now)
            .try_map(Taken::read)
            .fetch_all(&self.database.write)
            .await
            .map(given_back)?;
            if taken.is_some() {
                return Ok(taken);
            }
        }
        Ok(None)
    }

    async fn foremost(&self, now: i64) -> sqlx::Result<Option<i64>> {
        sqlx::query_scalar(
            "SELECT id FROM doorbell
             WHERE pool IN (SELECT value FROM json_each(?)) AND (holder IS NULL OR held_until <= ?) AND expires_at > ?
             ORDER BY level DESC, id LIMIT 1",
        )
        .bind(&self.pools)
        .bind(now)
        .bind(now)
        .fetch_optional(&self.database.read)
        .await
    }

    async fn put_aside(&self, id: i64, letter: &DeadLetter) -> sqlx::Result<()> {
        let mut transaction = self.database.write.begin_with("BEGIN IMMEDIATE").await?;
        // Another consumer may have found it at the same time.
        let gone = sqlx::query("DELETE FROM doorbell WHERE id = ?").bind(id).execute(&mut *transaction).await?;
        if gone.rows_affected() == 1 {
            dead_letters::keep(&mut transaction, letter).await?;
        }
        transaction.commit().await
    }

    async fn give_back(&self) -> Result<(), PortError> {
        sqlx::query("UPDATE doorbell SET holder = NULL, held_until = NULL WHERE holder = ?")
            .bind(self.id)
            .execute(&self.database.write)
            .await
            .map_err(|error| self.database.failed(error))?;
        self.database.wake.notify(TOPIC);
        Ok(())
    }
}
