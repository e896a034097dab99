//! Invariants that were found broken.

use std::collections::{BTreeMap, BTreeSet};

use common::vocabulary::ModelKey;

use crate::domain::invariant::Invariant;

/// Breaches of one invariant that are told apart; more are not counted.
const KNOWN: usize = 10_000;

/// What was found broken, and where the round of live artifacts stands.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    pub(crate) found: BTreeMap<Invariant, BTreeSet<String>>,
    pub(crate) looked_at: String,
    /// Live versions that cannot be opened as of the last look, in words.
    pub(crate) torn: BTreeMap<ModelKey, String>,
}

impl Violations {
    /// Takes a breach in. `true`: it is a new one.
    pub(crate) fn add(&mut self, invariant: Invariant, breach: String) -> bool {
        let known = self.found.entry(invariant).or_default();
        known.len() < KNOWN && known.insert(breach)
    }

    /// How often each invariant was broken.
    pub(crate) fn counts(&self) -> Vec<(Invariant, u64)> {
        let count = |invariant: &Invariant| self.found.get(invariant).map_or(0, |found| found.len() as u64);
        Invariant::ALL.iter().map(|invariant| (*invariant, count(invariant))).collect()
    }
}
