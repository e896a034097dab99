//! Predictions that were served and are not written yet.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::telemetry::table::metric;
use tokio::time::Instant;

use super::behind::{Behind, Sink};
use crate::db::predictions::Served;
use crate::service::error::Result;

/// Predictions that may wait to be written.
const ROOM: usize = 65_536;

/// Where predictions are noted.
#[derive(Debug)]
pub(crate) struct Log {
    /// What they were made from is kept, too.
    pub(crate) keep_inputs: bool,
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
    pub(crate) fn write(&self, served: Vec<Served>) {
        let count = served.len() as u64;
        metric::PREDICTIONS.add(count, &[]);
        if !self.behind.hand(served) {
            metric::PREDICTIONS_UNLOGGED.add(count, &[]);
            self.lost.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// How many have found no room since the last call.
    pub(crate) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }

    /// Writes what is handed over next, as [`Behind::round`] does.
    ///
    /// # Errors
    /// The database is away. What was not written is kept for the next round.
    pub(crate) async fn round(&self, until: Instant, linger: Duration, sink: &impl Sink<Served>) -> Result<()> {
        self.behind.round(until, linger, sink).await
    }

    /// Returns when everything served until now is written, or given up; at the latest when its time is over.
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
    pub(crate) fn waiting(&self) -> Vec<Served> {
        self.behind.rest()
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
