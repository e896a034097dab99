//! Rows become entries, some at a time: each transaction is short, and all of them become visible at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use common::vocabulary::Timestamp;
use tokio::sync::mpsc;

use super::plan::ImportPlan;
use super::turn::Turn;
use crate::db::changes::LogPosition;
use crate::db::entries::NewEntry;
use crate::db::{self, CHUNK, Database};
use crate::service::error::Result;

/// How long a transaction may go on taking in rows: half of what others may be kept waiting for.
const AT_ONCE: Duration = Duration::from_millis(25);
/// Bytes of cells in one batch: long texts come in smaller ones.
const MOST_BYTES: usize = 1 << 20;
/// Batches read ahead.
const AHEAD: usize = 8;

/// What has become of the rows so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Entries added.
    pub(super) entries: u64,
    /// Rows of keys that had none.
    pub(super) new: u64,
    /// Rows that stand for an earlier one.
    pub(super) superseded: u64,
    /// Rows that were there, alike.
    pub(super) unchanged: u64,
    /// Rows deleted.
    pub(super) deleted: u64,
    /// Deletions of what was not there.
    pub(super) absent: u64,
    /// Rows added that do not say when they happened, where others do.
    pub(super) undated: u64,
    /// The earliest and the latest day of what was added.
    pub(super) days: Option<(NaiveDate, NaiveDate)>,
}

/// Adds all rows of a plan to the log, not yet visible; none if the turn has passed on meanwhile.
pub(super) async fn rows(db: &Database, turn: &Turn, plan: &Arc<ImportPlan>, now: Timestamp) -> Result<Option<Tally>> {
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let reading = Arc::clone(plan);
    let reader = tokio::task::spawn_blocking(move || read(&reading, &sender));
    let mut tally = Tally::default();
    let timed = plan.schema().time().is_some();
    while let Some(mut batch) = batches.recv().await {
        let first = filter(db, turn, &mut tally, batch, timed, now).await?;
        let Some(mut tx) = turn.begin().await? else { return Ok(None) };
        let began = Instant::now();
        add(&mut tx, turn, &mut tally, &first).await?;
        while began.elapsed() < AT_ONCE {
            let Ok(next) = batches.try_recv() else { break };
            batch = filter(db, turn, &mut tally, next, timed, now).await?;
            add(&mut tx, turn, &mut tally, &batch).await?;
        }
        tx.commit().await.map_err(db::Error::from)?;
    }
    reader.await??;
    Ok(Some(tally))
}

/// Reads the rows on a thread of its own, in batches of bounded size.
fn read(plan: &ImportPlan, batches: &mpsc::Sender<Vec<NewEntry>>) -> Result<()> {
    let (mut batch, mut bytes) = (Vec::with_capacity(CHUNK), 0);
    plan.each(|entry| {
        bytes += entry.cells.len() + entry.key.len();
        batch.push(entry);
        if batch.len() < CHUNK && bytes < MOST_BYTES {
            return true;
        }
        bytes = 0;
        // Nobody listens any more: the import has failed.
        batches.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(CHUNK))).is_ok()
    })?;
    if !batch.is_empty() {
        let _nobody_listens = batches.blocking_send(batch);
    }
    Ok(())
}

/// What of a batch changes anything. Nobody else adds to the log meanwhile, so what is read here stays true.
async fn filter(
    db: &Database,
    turn: &Turn,
    tally: &mut Tally,
    batch: Vec<NewEntry>,
    timed: bool,
    now: Timestamp,
) -> Result<Vec<NewEntry>> {
    let dataset = &turn.dataset;
    let there = match dataset.entries {
        LogPosition(0) => HashMap::new(),
        upto => {
            let keys = batch.iter().map(|entry| entry.key.as_str());
            db::entries::newest(&mut *db.read().await?, dataset.id, upto, keys).await?
        }
    };
    let mut changes = Vec::with_capacity(batch.len());
    for entry in batch {
        let counted = match (there.get(&entry.key), entry.deleted) {
            (None, true) => &mut tally.absent,
            (Some(_), true) => &mut tally.deleted,
            (None, false) => &mut tally.new,
            (Some(cells), false) if *cells == entry.cells => &mut tally.unchanged,
            (Some(_), false) => &mut tally.superseded,
        };
        *counted += 1;
        let changes_nothing = match there.get(&entry.key) {
            None => entry.deleted,
            Some(cells) => !entry.deleted && *cells == entry.cells,
        };
        if !changes_nothing {
            tally.undated += u64::from(timed && entry.at.is_none() && !entry.deleted);
            // By the data's own days, where they have any.
            let day = if timed { entry.at } else { Some(now) }.map(Timestamp::date);
            tally.days = tally.days.into_iter().chain(day.zip(day)).reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
            changes.push(entry);
        }
    }
    Ok(changes)
}

async fn add(tx: &mut db::Connection, turn: &Turn, tally: &mut Tally, entries: &[NewEntry]) -> Result<()> {
    let first = turn.dataset.entries.0 + tally.entries + 1;
    db::entries::insert(tx, turn.dataset.id, turn.import, first, entries).await?;
    tally.entries += entries.len() as u64;
    Ok(())
}
