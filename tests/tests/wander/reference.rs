//! What must be true: the rows that stand, the versions there are and what each was given, which one is live. It learns from what
//! is typed and answered, and is never asked of Refit.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::checks::golden::Golden;
use crate::family::{Family, Row};

/// A row as models see it: its id and how often it was corrected.
pub(crate) type Content = (u32, u8);

/// Everything a walk knows.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Of the walk, its data set and its first model.
    pub(crate) name: String,
    pub(crate) family: Family,
    /// The rows that stand.
    pub(crate) rows: BTreeMap<u32, Row>,
    /// Rows that stood once.
    pub(crate) gone: BTreeSet<u32>,
    /// Every row that came or changed, in order.
    pub(crate) arrivals: Vec<Content>,
    /// Counts every change of the rows.
    pub(crate) changes: usize,
    /// The next id that no row has had.
    pub(crate) next: u32,
    pub(crate) models: Vec<Model>,
    /// Answers that were given: prediction, and whose.
    pub(crate) predictions: Vec<(String, String)>,
    /// Of these, such as a coordinator that was killed may have taken with it: they are noted behind the answer.
    pub(crate) unsure: BTreeSet<String>,
}

/// A model.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) key: String,
    pub(crate) paused: bool,
    /// Jobs that have not ended, as far as is known.
    pub(crate) jobs: Vec<Job>,
    /// A job was under way since the ledger was looked at: it may have moved the pointer.
    pub(crate) busy: bool,
    /// Jobs that somebody wanted to cancel.
    pub(crate) cancelled: BTreeSet<String>,
    /// Its own policy, by key.
    pub(crate) own: BTreeMap<String, String>,
    /// Every training that was asked for.
    pub(crate) asked: BTreeSet<String>,
    pub(crate) versions: BTreeMap<String, Version>,
    /// The ledger, oldest first.
    pub(crate) moves: Vec<Move>,
    /// The move that somebody has just made by hand.
    pub(crate) by_hand: Option<Move>,
    /// Whether it was monitored: a version may have been taken back.
    pub(crate) monitored: bool,
    pub(crate) backups: Vec<(String, String)>,
    /// What a version has answered, by version and the newest row it saw.
    pub(crate) answers: BTreeMap<(String, String), Value>,
    /// The rows and the mode of the newest training, as long as nothing else of the model has changed.
    pub(crate) tried: Option<(usize, String)>,
    /// The rows there were when somebody rolled it back.
    pub(crate) rolled_back: Option<usize>,
}

/// A job under way.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) what: Work,
    /// What it is given for sure: rows that stood when it was asked for, and still do.
    pub(crate) given: BTreeSet<Content>,
    /// Arrivals before it was asked for.
    pub(crate) since: usize,
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Train,
    Reproduce,
    Batch,
    /// Scores a version again that waits, and may make it live.
    Evaluate,
}

/// A version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Version {
    pub(crate) reproduction: bool,
    /// What it or an ancestor was given for sure.
    pub(crate) given: BTreeSet<Content>,
    pub(crate) since: usize,
    /// What its artifact says it says.
    pub(crate) golden: Vec<Golden>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) kind: String,
    pub(crate) version: String,
}

impl Reference {
    /// From this id on: rows that were predicted and labelled.
    pub(crate) const LABELLED: u32 = 1_000_000;

    /// Before anything was typed.
    pub(crate) fn new(name: &str, family: Family) -> Self {
        Self {
            name: name.to_owned(),
            family,
            rows: BTreeMap::new(),
            gone: BTreeSet::new(),
            arrivals: Vec::new(),
            changes: 0,
            next: 0,
            models: Vec::new(),
            predictions: Vec::new(),
            unsure: BTreeSet::new(),
        }
    }

    /// The model of this key; a bare symbol stands for its forecaster.
    pub(crate) fn model_mut(&mut self, key: &str) -> Option<&mut Model> {
        let key = if key.contains('/') { key.to_owned() } else { Family::Forecaster.key(key) };
        self.models.iter_mut().find(|model| model.key == key)
    }

    /// The rows as models see them.
    pub(crate) fn contents(&self) -> BTreeSet<Content> {
        self.rows.iter().map(|(id, row)| (*id, row.edit)).collect()
    }

    /// A row comes, changes, or goes.
    pub(crate) fn put(&mut self, id: u32, row: Option<Row>) {
        let before = match row {
            Some(row) => self.rows.insert(id, row),
            None => self.rows.remove(&id),
        };
        if before == row {
            return;
        }
        self.changes += 1;
        match row {
            Some(row) if before.is_none_or(|before| before.edit != row.edit) => self.arrivals.push((id, row.edit)),
            Some(_) => {}
            None => {
                self.gone.insert(id);
            }
        }
        if id < Self::LABELLED {
            self.next = self.next.max(id + 1);
        }
        let changed = before.is_some_and(|before| row.is_none_or(|row| row.edit != before.edit));
        if let Some(before) = before.filter(|_| changed) {
            for job in self.models.iter_mut().flat_map(|model| &mut model.jobs) {
                job.given.remove(&(id, before.edit));
            }
        }
    }
}

impl Model {
    pub(crate) fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), ..Self::default() }
    }

    /// The version that is live.
    pub(crate) fn live(&self) -> Option<&str> {
        self.moves.last().map(|last| last.version.as_str())
    }

    /// The version that was live before: the moves replayed, each way back uncovering what lies below.
    pub(crate) fn before(&self) -> Option<&str> {
        let mut stack: Vec<&str> = Vec::new();
        for step in &self.moves {
            match stack.iter().rposition(|version| *version == step.version) {
                Some(index) if step.kind == "rollback" || step.kind == "taken_back" => stack.truncate(index + 1),
                _ if stack.last() == Some(&step.version.as_str()) => {}
                _ => stack.push(&step.version),
            }
        }
        stack.pop();
        stack.pop()
    }

    /// Rows that may be scored with a version: those that have come since and that it was not given.
    pub(crate) fn may_be_scored(&self, version: &str, arrivals: &[Content]) -> usize {
        let Some(version) = self.versions.get(version) else { return arrivals.len() };
        let unseen = arrivals[version.since.min(arrivals.len())..].iter().filter(|row| !version.given.contains(*row));
        unseen.collect::<BTreeSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(moves: &[(&str, &str)]) -> Model {
        let step = |(kind, version): &(&str, &str)| Move { kind: (*kind).into(), version: (*version).into() };
        Model { moves: moves.iter().map(step).collect(), ..Model::default() }
    }

    #[test]
    fn the_way_back_leads_to_what_was_live_before() {
        let promoted = [("promote", "v1.0"), ("promote", "v2.0"), ("promote", "v3.0"), ("promote", "v2.0")];
        assert_eq!(model(&promoted).before(), Some("v3.0"));
        let back = [("promote", "v1.0"), ("promote", "v2.0"), ("promote", "v3.0"), ("rollback", "v2.0")];
        assert_eq!(model(&back).before(), Some("v1.0"));
        assert_eq!(model(&promoted[..1]).before(), None);
    }

    #[test]
    fn what_a_version_was_given_is_not_scored() {
        let mut reference = Reference::new("w", Family::Text);
        (0..3).for_each(|id| reference.put(id, Some(Row::default())));
        let version = Version { given: reference.contents(), since: reference.arrivals.len(), ..Version::default() };
        let model = Model { versions: [("v1.0".to_owned(), version)].into(), ..Model::default() };
        reference.put(1, None);
        reference.put(1, Some(Row::default()));
        reference.put(2, Some(Row { edit: 0, note: 1 }));
        assert_eq!(model.may_be_scored("v1.0", &reference.arrivals), 0, "back again, or changed where nobody looks");
        reference.put(2, Some(Row { edit: 1, note: 1 }));
        reference.put(9, Some(Row::default()));
        assert_eq!(model.may_be_scored("v1.0", &reference.arrivals), 2);
        assert_eq!(reference.rows.len(), 4);
    }
}
