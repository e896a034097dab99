//! The log of predictions, written behind the answers, which never wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use common::telemetry::table::metric;
use tokio::time::Instant;

use super::{kept_since, prune};
use crate::db::predictions::Served;
use crate::db::{self, Database};
use crate::service::background::{Rhythm, Task, TaskName};
use crate::service::behind::{Behind, Sink};
use crate::service::core::Core;
use crate::service::{Error, Result};

/// Predictions that may wait to be written.
const ROOM: usize = 65_536;
/// How long the first of a batch waits for others.
const LINGER: Duration = Duration::from_millis(100);
/// How often predictions that are too old are looked for.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// Where predictions are noted.
#[derive(Debug)]
pub(crate) struct Log {
    pub(super) keep_inputs: bool,
    behind: Behind<Served>,
    /// Predictions that found no room since the last word about that.
    lost: AtomicU64,
}

impl Log {
    /// Nothing has been served yet.
    pub(crate) fn new(keep_inputs: bool) -> Self {
        Self { keep_inputs, behind: Behind::new(ROOM), lost: AtomicU64::new(0) }
    }

    /// Hands predictions to the writer. Never waits: what finds no room is counted, and told in the log of the process.
    pub(super) fn write(&self, served: Vec<Served>) {
        let count = served.len() as u64;
        metric::PREDICTIONS.add(count, &[]);
        if !self.behind.hand(served) {
            metric::PREDICTIONS_UNLOGGED.add(count, &[]);
            self.lost.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Returns when everything served until now is written, or given up; at the latest when patience is over.
    pub(crate) async fn written(&self) {
        self.behind.written().await;
    }

    /// Nobody writes any more: says how many were served and are not in the log.
    pub(crate) fn close(&self) {
        let lost = self.behind.rest().len() as u64;
        if lost > 0 {
            metric::PREDICTIONS_UNLOGGED.add(lost, &[]);
            tracing::error!(
                lost,
                "the database did not take these predictions before the end: they are not in the log"
            );
        }
    }

    /// What waits to be written, taken out.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> Vec<Served> {
        self.behind.rest()
    }
}

/// Writes what was served, and removes now and then what is too old to be kept.
pub(in crate::service) struct Writer {
    prune_at: Instant,
}

impl Writer {
    /// Looks for what is too old first.
    pub(in crate::service) fn new() -> Self {
        Self { prune_at: Instant::now() }
    }
}

#[async_trait]
impl Task for Writer {
    fn name(&self) -> TaskName {
        TaskName::PredictionLog
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::AtOnce
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        if self.prune_at <= Instant::now() {
            self.prune_at = Instant::now() + PRUNE_EVERY;
            prune(&core.db, kept_since(core)).await?;
        }
        let lost = core.log.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "predictions were served faster than they could be logged: these are not in the log");
        }
        core.log.behind.round(self.prune_at, LINGER, &core.db).await
    }
}

#[async_trait]
impl Sink<Served> for Database {
    async fn write(&self, served: &[Served]) -> Result<()> {
        // Behind the answers anyway: a power cut may cost the newest of them.
        let mut tx = self.begin_lazily().await?;
        db::predictions::insert(&mut tx, served).await?;
        tx.commit().await.map_err(db::Error::from)?;
        Ok(())
    }

    fn refused(&self, served: &Served, error: &Error) {
        metric::PREDICTIONS_UNLOGGED.add(1, &[]);
        tracing::error!(id = %served.id, model = %served.model, %error, "a prediction could not be logged and is given up");
    }
}

#[cfg(test)]
mod tests {
    use common::vocabulary::{ContentHash, PredictionId, Timestamp};
    use newtype_uuid::GenericUuid;

    use super::*;

    fn served() -> Served {
        Served {
            id: PredictionId::from_untyped_uuid(uuid::Uuid::now_v7()),
            model: "text/toxicity".parse().unwrap(),
            version: "v1.0".parse().unwrap(),
            at: Timestamp(0),
            kind: "row".into(),
            inputs_hash: ContentHash::of(b"{}"),
            inputs: None,
            output: "{}".into(),
        }
    }

    #[test]
    fn what_finds_no_room_is_counted_and_holds_nobody_up() {
        let log = Log::new(true);
        let many = |count| (0..count).map(|_| served()).collect::<Vec<_>>();
        log.write(many(ROOM - 1));
        log.write(many(2));
        assert_eq!(log.lost.load(Ordering::Relaxed), 2, "all of an answer or nothing");
        log.write(many(1));
        assert_eq!((log.lost.load(Ordering::Relaxed), log.waiting().len()), (2, ROOM));
    }
}
