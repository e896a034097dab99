//! The latest rounds: what a slow listener, or one that comes again, can still be told.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use super::round::{Round, Subject};
use crate::views::Event;

/// Events that are kept at most, some 200 bytes each.
const KEPT: usize = 32_768;

/// Rounds by number, the oldest first.
#[derive(Debug)]
pub(super) struct Ring {
    /// Tells the ids of this ring from those of another coordinator, or of this one before a restart.
    name: String,
    rounds: VecDeque<Arc<Round>>,
    /// The number of the round to come.
    next: u64,
    entries: usize,
    /// Where the latest event about each subject is.
    latest: HashMap<Subject, (u64, usize)>,
}

/// What is behind a number.
#[derive(Debug)]
pub(super) enum Found {
    /// A round, and how many newer ones there are.
    Round(Arc<Round>, u64),
    /// It is still to come.
    ToCome,
    /// It is forgotten; the oldest that is not has this number.
    Forgotten(u64),
}

impl Ring {
    pub(super) fn new() -> Self {
        let name = format!("{:08x}", Uuid::new_v4().as_fields().0);
        Self { name, rounds: VecDeque::new(), next: 1, entries: 0, latest: HashMap::new() }
    }

    /// The number of the round to come.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The id of a round.
    pub(super) fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.name)
    }

    /// The round after the one with this id; `None` if it is of another ring, or none.
    pub(super) fn after(&self, id: &str) -> Option<u64> {
        let (name, number) = id.trim().split_once('-')?;
        let number: u64 = number.parse().ok().filter(|number| *number < self.next)?;
        (name == self.name).then_some(number + 1)
    }

    /// Adds what happened.
    pub(super) fn push(&mut self, events: Vec<Event>) {
        let number = self.next;
        let round = Round::new(events, &self.id(number));
        for (index, entry) in round.entries.iter().enumerate() {
            let Some(subject) = Subject::of(&entry.event) else { continue };
            if let Some((before, index)) = self.latest.insert(subject, (number, index))
                && let Some(entry) = self.round(before).and_then(|round| round.entries.get(index))
            {
                entry.supersede();
            }
        }
        self.entries += round.entries.len();
        self.rounds.push_back(Arc::new(round));
        self.next += 1;
        while self.entries > KEPT {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let number = self.oldest();
        let Some(round) = self.rounds.pop_front() else { return };
        self.entries -= round.entries.len();
        for (index, entry) in round.entries.iter().enumerate() {
            if let Some(subject) = Subject::of(&entry.event)
                && self.latest.get(&subject) == Some(&(number, index))
            {
                self.latest.remove(&subject);
            }
        }
    }

    /// Things happened that were told to nobody: what comes does not go on from what is here.
    pub(super) fn skip(&mut self) {
        let (name, next) = (std::mem::take(&mut self.name), self.next + 1);
        *self = Self { name, next, ..Self::new() };
    }

    /// What is behind a number.
    pub(super) fn find(&self, number: u64) -> Found {
        match self.round(number) {
            Some(round) => Found::Round(Arc::clone(round), self.next - 1 - number),
            None if number >= self.next => Found::ToCome,
            None => Found::Forgotten(self.oldest()),
        }
    }

    fn oldest(&self) -> u64 {
        self.next - self.rounds.len() as u64
    }

    fn round(&self, number: u64) -> Option<&Arc<Round>> {
        let index = number.checked_sub(self.oldest())?;
        self.rounds.get(usize::try_from(index).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::job;
    use super::*;

    fn superseded(ring: &Ring, number: u64) -> Vec<bool> {
        let Found::Round(round, _) = ring.find(number) else { panic!("round {number}") };
        round.entries.iter().map(super::super::round::EventEntry::is_superseded).collect()
    }

    #[test]
    fn a_later_round_supersedes_what_an_earlier_one_says_of_the_same_job() {
        let mut ring = Ring::new();
        let [a, b] = [1, 2].map(Uuid::from_u128);
        ring.push(vec![job(a, 1), job(b, 1)]);
        ring.push(vec![job(a, 2)]);
        ring.push(vec![job(a, 3)]);
        assert_eq!([1, 2, 3].map(|number| superseded(&ring, number)), [vec![true, false], vec![true], vec![false]]);
        assert!(matches!(ring.find(3), Found::Round(_, 0)) && matches!(ring.find(1), Found::Round(_, 2)));
        assert!(matches!(ring.find(4), Found::ToCome));
    }

    #[test]
    fn the_ring_is_bounded_and_knows_what_it_forgot() {
        let mut ring = Ring::new();
        for round in 0..10_u128 {
            ring.push((0..10_000).map(|n| job(Uuid::from_u128(round * 10_000 + n), 1)).collect());
        }
        assert!(ring.entries <= KEPT && ring.latest.len() == ring.entries);
        assert!(matches!(ring.find(1), Found::Forgotten(8)), "{:?}", ring.find(1));
        assert!(matches!(ring.find(8), Found::Round(..)));
    }

    #[test]
    fn an_id_goes_on_where_it_was_given_and_nowhere_else() {
        let mut ring = Ring::new();
        ring.push(vec![job(Uuid::from_u128(1), 1)]);
        let id = ring.id(1);
        assert_eq!((ring.after(&id), ring.after(&ring.id(2))), (Some(2), None));
        assert_eq!((Ring::new().after(&id), ring.after("1"), ring.after("")), (None, None, None));
        ring.skip();
        assert_eq!(ring.after(&id), Some(2));
        assert!(matches!(ring.find(2), Found::Forgotten(3)), "what was told to nobody was missed");
        assert!(matches!(ring.find(3), Found::ToCome));
    }
}
