//! The process that losses are drawn from: a version knows the world as it was when it was trained, and now and then the world changes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Mutex;

use chrono::NaiveDate;
use common::vocabulary::ModelKey;

use crate::kit::{Role, ScoredRow};
use crate::market::noise;

/// The loss of the baseline on every row.
const BASELINE: f64 = 0.01;
/// What of it a version has that knows the world as it is, and one that does not.
const KNOWS: f64 = 0.85;
const KNOWS_NOT: f64 = 1.25;
/// Losses are off by at most this share.
const OFF: f64 = 0.1;
/// Days from one change of a model's world to the next, on average; a fifth of the models have no change.
const CHANGES: u64 = 150;

/// Who knows what.
#[derive(Debug, Default)]
pub(crate) struct Process {
    /// Up to which day a version was trained, by the folder of its artifact.
    trained: Mutex<HashMap<String, NaiveDate>>,
}

impl Process {
    /// A version was trained on rows up to a day.
    pub(crate) fn has_trained(&self, folder: &str, through: NaiveDate) {
        self.trained.lock().unwrap().insert(folder.to_owned(), through);
    }

    /// The loss of a row; of a version that is being trained, `through` is the day of its newest row.
    pub(crate) fn loss(&self, row: ScoredRow<'_>, through: NaiveDate) -> f64 {
        let known = match (row.role, row.version) {
            (Role::Challenger, _) | (_, None) => Some(through),
            (_, Some(version)) => self.trained.lock().unwrap().get(&version.prefix).copied(),
        };
        let knows = known.is_none_or(|known| epoch(row.model, known) >= epoch(row.model, row.date));
        let seed =
            seed(row.model) ^ known.map_or(0, |known| u64::from(chrono::Datelike::num_days_from_ce(&known) as u32));
        let off = 1.0 + OFF * noise(seed, u64::from(chrono::Datelike::num_days_from_ce(&row.date) as u32));
        BASELINE * off * if knows { KNOWS } else { KNOWS_NOT }
    }
}

/// How often a model's world has changed by a day.
fn epoch(model: &ModelKey, day: NaiveDate) -> u64 {
    let seed = seed(model);
    if seed.is_multiple_of(5) {
        return 0;
    }
    (u64::from(chrono::Datelike::num_days_from_ce(&day) as u32) + seed % CHANGES) / CHANGES
}

fn seed(model: &ModelKey) -> u64 {
    let mut hasher = DefaultHasher::new();
    model.as_str().hash(&mut hasher);
    hasher.finish()
}
