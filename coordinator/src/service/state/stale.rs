//! Whose decisions are out of date.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use common::vocabulary::{DatasetName, ModelKey};
use tokio::sync::Notify;

/// Of everyone, so many are decided on in a round: whoever something happens to meanwhile waits for no more than these.
const PIECE: usize = 200;

/// Whose decisions are out of date.
#[derive(Debug, Default)]
pub(crate) struct Stale {
    concerned: Mutex<Concerned>,
    rung: Notify,
}

/// Who is to be decided on.
#[derive(Debug, Default)]
pub(crate) struct Concerned {
    pub(crate) models: BTreeSet<ModelKey>,
    /// And everyone who reads one of these.
    pub(crate) datasets: BTreeSet<DatasetName>,
    /// And everyone else about whom something was decided.
    pub(crate) everyone: bool,
    /// Of everyone, those whose turn is still to come.
    pub(crate) later: BTreeSet<ModelKey>,
}

impl Concerned {
    fn is_empty(&self) -> bool {
        self.models.is_empty() && self.datasets.is_empty() && !self.everyone && self.later.is_empty()
    }

    /// The next of everyone.
    pub(crate) fn piece(&self) -> BTreeSet<ModelKey> {
        self.later.iter().take(PIECE).cloned().collect()
    }

    /// What is left when all but everyone, and this piece of those, have been decided on.
    pub(crate) fn without(&self, piece: &BTreeSet<ModelKey>) -> Self {
        Self { later: &self.later - piece, ..Self::default() }
    }
}

impl Stale {
    /// Something has happened to a model.
    pub(crate) fn model(&self, model: &ModelKey) {
        self.add(|concerned| concerned.models.extend([model.clone()]));
    }

    /// Rows have come into a data set, or have gone.
    pub(crate) fn dataset(&self, dataset: &DatasetName) {
        self.add(|concerned| concerned.datasets.extend([dataset.clone()]));
    }

    /// Somebody may have died between an event and the decision it asks for.
    pub(crate) fn everyone(&self) {
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
    pub(crate) fn bell(&self) -> &Notify {
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

/// Whom a round is about. Cut short, by whatever it is, they are put back.
pub(crate) struct Taken<'a> {
    from: &'a Stale,
    pub(crate) all: Concerned,
}

impl<'a> Taken<'a> {
    /// All who are to be decided on.
    pub(crate) fn from(from: &'a Stale) -> Self {
        Self { from, all: from.take() }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.from.put_back(std::mem::take(&mut self.all));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
