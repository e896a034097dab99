//! Decisions made anew: what is shown of a model is true within about a second of what happens to it.
//!
//! Whoever changes something that a decision depends on says whose. A task of every coordinator, whether it leads or not, decides on
//! these models once more, all that have gathered in one go. Nothing enters the line here: that is up to the periodic evaluation, or
//! to a person. Cut short, the periodic evaluation makes up for it or, where there is none, whoever leads next.
//!
//! A decision made anew is for the moment of the one that it replaces: made as of a day, as in a replay, it stays at that day; else
//! it is for now. So an event never changes the day that somebody asked about; a request or the periodic evaluation does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use common::vocabulary::{DatasetName, ModelKey, Timestamp};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::super::Result;
use super::super::core::Core;
use super::super::fault::Mutant;
use super::{Round, decide};
use crate::db::{self, Scope};

/// How long events are gathered before the models they concern are decided on.
const GATHER: Duration = Duration::from_millis(100);
/// After a round, so many times what it took is left to others …
const REST: u32 = 3;
/// … but no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(10);
/// Of everyone, so many are decided on in a round: whoever something happens to meanwhile waits for no more than these.
const PIECE: usize = 200;

/// Whose decisions are out of date.
#[derive(Debug, Default)]
pub(in super::super) struct Stale {
    concerned: Mutex<Concerned>,
    rung: Notify,
}

/// Who is to be decided on.
#[derive(Debug, Default)]
struct Concerned {
    models: BTreeSet<ModelKey>,
    /// And everyone who reads one of these.
    datasets: BTreeSet<DatasetName>,
    /// And everyone else about whom something was decided.
    everyone: bool,
    /// Of everyone, those whose turn is still to come.
    later: BTreeSet<ModelKey>,
}

impl Concerned {
    fn is_empty(&self) -> bool {
        self.models.is_empty() && self.datasets.is_empty() && !self.everyone && self.later.is_empty()
    }

    /// The next of everyone.
    fn piece(&self) -> BTreeSet<ModelKey> {
        self.later.iter().take(PIECE).cloned().collect()
    }

    /// What is left when all but everyone, and this piece of those, have been decided on.
    fn without(&self, piece: &BTreeSet<ModelKey>) -> Self {
        Self { later: &self.later - piece, ..Self::default() }
    }
}

impl Stale {
    /// Something has happened to a model.
    pub(in super::super) fn model(&self, model: &ModelKey) {
        self.add(|concerned| concerned.models.extend([model.clone()]));
    }

    /// Rows have come into a data set, or have gone.
    pub(in super::super) fn dataset(&self, dataset: &DatasetName) {
        self.add(|concerned| concerned.datasets.extend([dataset.clone()]));
    }

    /// Somebody may have died between an event and the decision it asks for.
    pub(in super::super) fn everyone(&self) {
        self.add(|concerned| concerned.everyone = true);
    }

    fn add(&self, add: impl FnOnce(&mut Concerned)) {
        add(&mut self.concerned.lock().unwrap_or_else(PoisonError::into_inner));
        self.rung.notify_one();
    }

    fn take(&self) -> Concerned {
        std::mem::take(&mut self.concerned.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rung when there is something to do.
    pub(in super::super) fn bell(&self) -> &Notify {
        &self.rung
    }

    fn put_back(&self, unfinished: Concerned) {
        if unfinished.is_empty() {
            return;
        }
        let Concerned { models, datasets, everyone, later } = unfinished;
        self.add(|concerned| {
            concerned.models.extend(models);
            concerned.datasets.extend(datasets);
            concerned.everyone |= everyone;
            concerned.later.extend(later);
        });
    }
}

/// Decides anew on whomever something has happened to.
pub(in super::super) async fn round(core: &Core) -> Result<()> {
    sleep(GATHER).await;
    let (began, mut concerned) = (Instant::now(), Taken::from(&core.stale));
    if core.fault.has(Mutant::DecisionsGrowOld) {
        concerned.all = Concerned::default();
        return Ok(());
    }
    if concerned.all.everyone {
        let all = db::decisions::moments(&mut *core.db.read().await?, Scope::All).await?;
        concerned.all.later.extend(all.into_keys());
        concerned.all.everyone = false;
    }
    let piece = concerned.all.piece();
    let mut now = &concerned.all.models | &piece;
    if !concerned.all.datasets.is_empty() {
        now.extend(db::models::reading(&mut *core.db.read().await?, &concerned.all.datasets).await?);
    }
    anew(core, now).await?;
    concerned.all = concerned.all.without(&piece);
    drop(concerned);
    sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
    Ok(())
}

/// Whom a round is about. Cut short, by whatever it is, they are put back.
struct Taken<'a> {
    from: &'a Stale,
    all: Concerned,
}

impl<'a> Taken<'a> {
    fn from(from: &'a Stale) -> Self {
        Self { from, all: from.take() }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.from.put_back(std::mem::take(&mut self.all));
    }
}

/// Decides on these models once more, now.
pub(in super::super) async fn anew(core: &Core, models: impl IntoIterator<Item = ModelKey>) -> Result<()> {
    let models: Vec<ModelKey> = models.into_iter().collect();
    if models.is_empty() {
        return Ok(());
    }
    let mut view = core.db.snapshot().await?;
    let moments = db::decisions::moments(&mut view, Scope::Of(&models)).await?;
    drop(view);
    let mut by_day: BTreeMap<Option<NaiveDate>, Vec<ModelKey>> = BTreeMap::new();
    for model in models {
        by_day.entry(moments.get(&model).copied().and_then(day_of)).or_default().push(model);
    }
    for (day, models) in by_day {
        let round = Round { now: day.map_or_else(Timestamp::now, Timestamp::end_of), enqueue: false, ranked: false };
        let decided = decide(core, &models, round).await?;
        tracing::debug!(models = decided.len(), ?day, "decided anew");
    }
    Ok(())
}

/// The day a decision was asked for; nothing for one that was made for its now.
fn day_of(moment: Timestamp) -> Option<NaiveDate> {
    Some(moment.date()).filter(|day| Timestamp::end_of(*day) == moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_replay_is_told_from_now() {
        let day: NaiveDate = "2020-02-03".parse().unwrap();
        assert_eq!(day_of(Timestamp::end_of(day)), Some(day));
        assert_eq!(day_of(Timestamp::end_of(day).plus_days(0.5)), None);
    }

    #[test]
    fn what_happens_twice_is_decided_on_once() {
        let stale = Stale::default();
        let model: ModelKey = "text/spam".parse().unwrap();
        stale.model(&model);
        stale.model(&model);
        stale.dataset(&"spam".parse().unwrap());
        let concerned = stale.take();
        assert_eq!((concerned.models.len(), concerned.datasets.len(), stale.take().models.len()), (1, 1, 0));
        stale.put_back(concerned);
        assert!(stale.take().models.contains(&model));
    }

    #[test]
    fn everyone_is_decided_on_piece_by_piece() {
        let all: BTreeSet<ModelKey> = (0..450).map(|n| format!("text/m{n}").parse().unwrap()).collect();
        let mut concerned = Concerned { later: all.clone(), ..Concerned::default() };
        let mut pieces = Vec::new();
        while !concerned.is_empty() {
            pieces.push(concerned.piece());
            concerned = concerned.without(&pieces[pieces.len() - 1]);
        }
        assert_eq!(pieces.iter().map(BTreeSet::len).collect::<Vec<_>>(), [200, 200, 50]);
        assert_eq!(pieces.into_iter().flatten().collect::<BTreeSet<_>>(), all);
    }
}
