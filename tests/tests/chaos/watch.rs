//! Looks at the rows while none of them can change.
//!
//! Writers of the database take turns by an advisory lock. Whoever holds the turn sees a state that lasts until it is given back:
//! a fault that strikes meanwhile strikes jobs in exactly the states that were seen, also in those that last a moment.

use std::collections::HashMap;
use std::time::Duration;

use common::vocabulary::{AttemptId, JobId, JobState, Timestamp, WorkerId};
use newtype_uuid::GenericUuid;
use serde::Deserialize;
use sqlx::{Connection, Executor, PgConnection, Row};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// A database that answers later is taken for frozen.
const TIME_LIMIT: Duration = Duration::from_secs(2);

const TURN: &str = "SELECT pg_advisory_xact_lock(hashtextextended('refit ' || current_schema(), 0))";

const LOOK: &str = "SELECT json_build_object(
    'place', (SELECT place FROM leader),
    'live', (SELECT coalesce(json_object_agg(key, live_seq), '{}') FROM models),
    'jobs', (SELECT coalesce(json_agg(json_build_object('id', encode(j.id, 'hex'), 'state', j.state, 'key', j.order_key,
            'ready', j.spec IS NOT NULL AND j.cancelling = 0 AND (j.not_before IS NULL OR j.not_before <= $1),
            'attempt', encode(j.attempt, 'hex'), 'worker', encode(coalesce(j.worker, a.worker), 'hex'))), '[]')
        FROM jobs j LEFT JOIN attempts a ON a.id = j.attempt WHERE j.state IN ('queued', 'dispatched', 'running', 'judging')),
    'attempts', (SELECT coalesce(json_agg(json_build_object('id', encode(a.id, 'hex'), 'job', encode(a.job, 'hex'),
            'key', j.order_key)), '[]')
        FROM (SELECT id, job FROM attempts WHERE dispatched_at > $2
            UNION ALL SELECT attempt, id FROM jobs WHERE state IN ('dispatched', 'running') AND dispatched_at > $2) a
        JOIN jobs j ON j.id = a.job)
    )::text AS seen";

/// A job that has not ended.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Job {
    id: Uuid,
    pub(crate) state: JobState,
    /// Lower runs sooner.
    pub(crate) key: f64,
    /// It may be handed out now.
    pub(crate) ready: bool,
    attempt: Option<Uuid>,
    worker: Option<Uuid>,
}

impl Job {
    pub(crate) fn id(&self) -> JobId {
        JobId::from_untyped_uuid(self.id)
    }

    pub(crate) fn attempt(&self) -> Option<AttemptId> {
        self.attempt.map(AttemptId::from_untyped_uuid)
    }

    /// Who has, or had, its attempt.
    pub(crate) fn worker(&self) -> Option<WorkerId> {
        self.worker.map(WorkerId::from_untyped_uuid)
    }
}

/// A dispatch of the last half minute.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dispatch {
    id: Uuid,
    job: Uuid,
    /// Of its job.
    pub(crate) key: f64,
}

impl Dispatch {
    pub(crate) fn attempt(&self) -> AttemptId {
        AttemptId::from_untyped_uuid(self.id)
    }

    pub(crate) fn job(&self) -> JobId {
        JobId::from_untyped_uuid(self.job)
    }
}

/// What the rows say.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct View {
    place: String,
    /// `live_seq` of every model.
    pub(crate) live: HashMap<String, i64>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) attempts: Vec<Dispatch>,
}

impl View {
    /// States that some job is in.
    pub(crate) fn present(&self) -> Vec<JobState> {
        self.jobs.iter().map(|job| job.state).collect()
    }

    /// The process that leads, as far as the row says.
    pub(crate) fn leader(&self) -> Option<u32> {
        self.place.split(' ').nth(2)?.parse().ok()
    }
}

/// Takes turns with the writers.
pub(crate) struct Watch<'a> {
    runtime: &'a Runtime,
    url: String,
    connection: Option<PgConnection>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(runtime: &'a Runtime, url: String) -> Self {
        Self { runtime, url, connection: None }
    }

    /// Waits for the turn, calls with what the rows say, and gives the turn back. `None`: the database does not answer.
    pub(crate) fn turn<T>(&mut self, seen: impl FnOnce(&View) -> T) -> Option<T> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => within(self.runtime, TIME_LIMIT, PgConnection::connect(&self.url))?.ok()?,
        };
        let view = within(self.runtime, TIME_LIMIT, look(&mut connection))?.ok()?;
        let answer = seen(&view);
        let released = within(self.runtime, TIME_LIMIT, connection.execute("ROLLBACK"));
        if matches!(released, Some(Ok(_))) {
            self.connection = Some(connection);
        }
        Some(answer)
    }
}

/// What a future gives, if it gives it in time.
pub(crate) fn within<T>(runtime: &Runtime, time_limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    runtime.block_on(async { tokio::time::timeout(time_limit, future).await.ok() })
}

async fn look(connection: &mut PgConnection) -> sqlx::Result<View> {
    connection.execute("BEGIN").await?;
    connection.execute(TURN).await?;
    let now = Timestamp::now();
    let row = sqlx::query(LOOK).bind(now.0).bind(now.plus_seconds(-30.0).0).fetch_one(connection).await?;
    let text: String = row.try_get("seen")?;
    serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))
}
