//! The writer of the log: predictions are written some at a time, behind the answers, which never wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use common::telemetry::table::metric;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::{kept_since, prune};
use crate::db::predictions::Served;
use crate::db::{self, CHUNK, Database};
use crate::service::Result;
use crate::service::background::{Rhythm, Task, TaskName};
use crate::service::core::Core;

/// Predictions that may wait to be written.
const ROOM: usize = 65_536;
/// How long the first of a batch waits for others.
const LINGER: Duration = Duration::from_millis(100);
/// How often a batch is tried, with a rest before each further time.
const TRIES: u32 = 6;
/// The rest before the second try; then each is twice as long as the one before.
const REST: Duration = Duration::from_millis(200);
/// How long one may wait until everything is written.
const PATIENCE: Duration = Duration::from_secs(5);
/// A round lasts no longer while nothing is served: who looks sees that it is alive.
const LOOK: Duration = Duration::from_secs(10);
/// How often predictions that are too old are looked for.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// Where predictions are noted.
#[derive(Debug)]
pub(crate) struct Log {
    pub(super) keep_inputs: bool,
    sender: mpsc::Sender<Item>,
    /// Held by whoever writes.
    items: Mutex<mpsc::Receiver<Item>>,
    /// Predictions that found no room since the last word about that.
    lost: AtomicU64,
}

#[derive(Debug)]
enum Item {
    Served(Box<Served>),
    /// Somebody wants to know when everything before this is written.
    Mark(oneshot::Sender<()>),
}

impl Log {
    /// Nothing has been served yet.
    pub(crate) fn new(keep_inputs: bool) -> Self {
        let (sender, items) = mpsc::channel(ROOM);
        Self { keep_inputs, sender, items: Mutex::new(items), lost: AtomicU64::new(0) }
    }

    /// Hands predictions to the writer. Never waits: what finds no room is counted, and told in the log of the process.
    pub(super) fn write(&self, served: Vec<Served>) {
        let count = served.len();
        metric::PREDICTIONS.add(count as u64, &[]);
        match self.sender.try_reserve_many(count) {
            Ok(room) => {
                room.zip(served).for_each(|(place, served)| place.send(Item::Served(Box::new(served))));
            }
            Err(_) => {
                metric::PREDICTIONS_UNLOGGED.add(count as u64, &[]);
                self.lost.fetch_add(count as u64, Ordering::Relaxed);
            }
        }
    }

    /// Returns when everything served until now is written, or given up; at the latest when patience is over.
    pub(crate) async fn written(&self) {
        let marked = async {
            let (mark, passed) = oneshot::channel();
            if self.sender.send(Item::Mark(mark)).await.is_ok() {
                let _writer_gone = passed.await;
            }
        };
        let _still_writing = timeout(PATIENCE, marked).await;
    }

    /// What waits to be written, taken out.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> Vec<Served> {
        let mut items = self.items.try_lock().expect("nobody writes");
        let served = std::iter::from_fn(|| items.try_recv().ok()).filter_map(|item| match item {
            Item::Served(served) => Some(*served),
            Item::Mark(_) => None,
        });
        served.collect()
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
        let mut items = core.log.items.lock().await;
        let Ok(Some(first)) = timeout_at(self.prune_at.min(Instant::now() + LOOK), items.recv()).await else {
            return Ok(());
        };
        let (mut served, mut marks) = (Vec::new(), Vec::new());
        for item in batch(first, &mut items).await {
            match item {
                Item::Served(one) => served.push(*one),
                Item::Mark(mark) => marks.push(mark),
            }
        }
        keep(core, &served).await;
        for mark in marks {
            let _nobody_waits = mark.send(());
        }
        Ok(())
    }
}

/// What is written together with the first: what comes within a moment, unless somebody waits.
async fn batch(first: Item, items: &mut mpsc::Receiver<Item>) -> Vec<Item> {
    let mut batch = vec![first];
    let until = Instant::now() + LINGER;
    while batch.len() < CHUNK && !batch.iter().any(|item| matches!(item, Item::Mark(_))) {
        let room = CHUNK - batch.len();
        match timeout_at(until, items.recv_many(&mut batch, room)).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    batch
}

/// Writes a batch, or gives it up and says so.
async fn keep(core: &Core, served: &[Served]) {
    let lost = core.log.lost.swap(0, Ordering::Relaxed);
    if lost > 0 {
        tracing::warn!(lost, "predictions were served faster than they could be logged: these are not in the log");
    }
    let mut rest = REST;
    for left in (0..TRIES).rev() {
        match write(&core.db, served).await {
            Ok(()) => return,
            Err(error) if left > 0 => {
                tracing::warn!(%error, "predictions are logged a moment later");
                tokio::time::sleep(rest).await;
                rest *= 2;
            }
            Err(error) => {
                let lost = served.len() as u64;
                metric::PREDICTIONS_UNLOGGED.add(lost, &[]);
                tracing::error!(%error, lost, "predictions could not be logged and are given up");
            }
        }
    }
}

async fn write(db: &Database, served: &[Served]) -> Result<()> {
    if served.is_empty() {
        return Ok(());
    }
    // Behind the answers anyway: a power cut may cost the newest of them.
    let mut tx = db.begin_lazily().await?;
    db::predictions::insert(&mut tx, served).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
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
