//! Invariants that were found broken.

use std::collections::BTreeMap;

use common::vocabulary::{ModelKey, Timestamp};
use domain::invariant::Invariant;

/// Breaches of one invariant that are told apart; more are not counted.
const KNOWN: usize = 10_000;

/// When a breach was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// By the first check that did.
    pub(crate) first: Timestamp,
    /// By the latest.
    pub(crate) last: Timestamp,
}

/// What was found broken, and where the round of live artifacts stands.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    pub(crate) found: BTreeMap<Invariant, BTreeMap<String, Seen>>,
    pub(crate) looked_at: String,
    /// Live versions that cannot be opened as of the last look, in words.
    pub(crate) torn: BTreeMap<ModelKey, String>,
}

impl Violations {
    /// Takes a breach in. `true`: it is a new one.
    pub(crate) fn add(&mut self, invariant: Invariant, breach: String, now: Timestamp) -> bool {
        let known = self.found.entry(invariant).or_default();
        if let Some(seen) = known.get_mut(&breach) {
            seen.last = now;
            return false;
        }
        let is_taken = known.len() < KNOWN;
        if is_taken {
            known.insert(breach, Seen { first: now, last: now });
        }
        is_taken
    }

    /// The breaches of one that were seen last, the newest first.
    pub(crate) fn latest(&self, invariant: Invariant, most: usize) -> Vec<(&str, Seen)> {
        let found = self.found.get(&invariant).into_iter().flatten();
        let mut all: Vec<(&str, Seen)> = found.map(|(breach, seen)| (breach.as_str(), *seen)).collect();
        all.sort_by_key(|(_, breach)| std::cmp::Reverse(breach.last));
        all.truncate(most);
        all
    }

    /// How often each invariant was broken.
    pub(crate) fn counts(&self) -> Vec<(Invariant, u64)> {
        let count = |invariant: &Invariant| self.found.get(invariant).map_or(0, |found| found.len() as u64);
        Invariant::ALL.iter().map(|invariant| (*invariant, count(invariant))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breach_is_counted_once_and_remembers_when_it_was_seen() {
        let mut violations = Violations::default();
        let (invariant, at) = (Invariant::OneLive, |second| Timestamp::default().plus_seconds(second));
        let new = [("a", 1.0), ("b", 2.0), ("a", 3.0)].map(|(what, s)| violations.add(invariant, what.into(), at(s)));
        assert_eq!(new, [true, true, false]);
        let seen = |first, last| Seen { first: at(first), last: at(last) };
        assert_eq!(violations.latest(invariant, 9), [("a", seen(1.0, 3.0)), ("b", seen(2.0, 2.0))]);
        assert_eq!(violations.latest(invariant, 1).len(), 1);
        assert_eq!(violations.counts().iter().map(|(_, count)| count).sum::<u64>(), 2);
    }
}
