//! Whose turn it is to add to a data set's log: one import at a time, on whichever coordinator.
//!
//! A turn is a row's word, renewed by each transaction that adds entries, so that one who has lost it can add nothing. It passes
//! on when nothing has been heard of it for a while: whoever takes it removes what was left behind, which nobody has ever seen.

use std::time::Duration;

use common::vocabulary::{DatasetName, Timestamp};
use tokio::time::{Instant, sleep};

use crate::db::datasets::Dataset;
use crate::db::{self, Database, Transaction};
use crate::service::error::Result;

/// Silence after which a turn passes on. A transaction that adds entries takes a hundredth of it.
const SILENCE: Duration = Duration::from_secs(5);
/// How often one who waits looks.
const LOOK: Duration = Duration::from_millis(100);
/// Entries removed in one transaction.
const REMOVED: u64 = 2000;

/// The right to add to a data set's log.
pub(super) struct Turn {
    /// The data set as it is until the turn ends.
    pub(super) dataset: Dataset,
    /// The import whose turn it is.
    pub(super) import: i64,
    db: Database,
}

impl Turn {
    /// Waits for the turn and takes it. The data set is made if there is none.
    pub(super) async fn take(db: &Database, name: &DatasetName, file: &str, now: Timestamp) -> Result<Self> {
        let mut last_change = (None, Instant::now());
        loop {
            let looked_at = db::datasets::get(&mut *db.read().await?, name).await?;
            let turn = looked_at.as_ref().map(|dataset| dataset.turn);
            if last_change.0 != Some(turn) {
                last_change = (Some(turn), Instant::now());
            }
            let free = turn.is_none_or(|(writer, _)| writer.is_none()) || last_change.1.elapsed() > SILENCE;
            if free && let Some(turn) = Self::seize(db, name, looked_at, file, now).await? {
                return Ok(turn);
            }
            sleep(LOOK).await;
        }
    }

    /// Takes the turn of an import that died; none if it is heard of, or if somebody else has taken it.
    pub(super) async fn inherit(db: &Database, left: Dataset, file: &str, now: Timestamp) -> Result<Option<Self>> {
        let begin = Instant::now();
        while left.turn.0.is_some() && begin.elapsed() <= SILENCE {
            sleep(LOOK).await;
            let found = db::datasets::get(&mut *db.read().await?, &left.name).await?;
            if found.is_none_or(|found| found.turn != left.turn) {
                return Ok(None);
            }
        }
        let name = left.name.clone();
        Self::seize(db, &name, Some(left), file, now).await
    }

    async fn seize(
        db: &Database,
        name: &DatasetName,
        looked_at: Option<Dataset>,
        file: &str,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let mut tx = db.begin().await?;
        let looked_at = match looked_at {
            Some(dataset) => Some(dataset),
            None => {
                db::datasets::create(&mut tx, name, now).await?;
                db::datasets::get(&mut tx, name).await?.filter(|dataset| dataset.turn.0.is_none())
            }
        };
        let Some(dataset) = looked_at else { return Ok(None) };
        let import = db::imports::begin(&mut tx, file, name.as_str(), now).await?;
        if !db::datasets::take_turn(&mut tx, &dataset, import).await? {
            return Ok(None);
        }
        // It may have been published to since it was looked at, but not since its turn was taken.
        let Some(dataset) = db::datasets::get(&mut tx, name).await? else { return Ok(None) };
        tx.commit().await.map_err(db::Error::from)?;
        let turn = Self { dataset, import, db: db.clone() };
        Ok(turn.remove_unseen().await?.then_some(turn))
    }

    /// A transaction of this turn, whose commit does not wait for the disk; none if the turn has passed on.
    pub(super) async fn begin(&self) -> Result<Option<Transaction>> {
        let mut tx = self.db.begin_lazily().await?;
        let kept = db::datasets::keep_turn(&mut tx, self.dataset.id, self.import).await?;
        Ok(kept.then_some(tx))
    }

    /// Gives the turn back, with nothing added.
    pub(super) async fn leave(&self) -> Result<()> {
        if self.remove_unseen().await? {
            let mut tx = self.db.begin().await?;
            db::datasets::leave_turn(&mut tx, self.dataset.id, self.import).await?;
            tx.commit().await.map_err(db::Error::from)?;
        }
        Ok(())
    }

    /// Removes entries that were never made visible, a few at a time; whether the turn is still this one's.
    async fn remove_unseen(&self) -> Result<bool> {
        let visible = self.dataset.entries.0;
        let mut last = db::entries::last(&mut *self.db.read().await?, self.dataset.id).await?.0;
        while last > visible {
            let first = last.saturating_sub(REMOVED - 1).max(visible + 1);
            let Some(mut tx) = self.begin().await? else { return Ok(false) };
            db::entries::remove_unseen(&mut tx, self.dataset.id, first, last).await?;
            tx.commit().await.map_err(db::Error::from)?;
            last = first - 1;
        }
        Ok(true)
    }
}
