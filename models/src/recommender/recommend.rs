//! Lists: what a user may want next, and why.

use common::wire::ListedReason;
use serde::{Deserialize, Serialize};

use super::matrix::Cell;
use super::model::{Model, Profile};
use super::ranking::ndcg;

/// Items fewer users have rated are recommended only when there is nothing else.
const SUPPORT_FLOOR: u32 = 5;
/// Ratings from which on a user has many.
pub(crate) const MANY: usize = 20;
/// Weights to choose from: of what is similar, and of taste.
const CHOICES: [[f64; 7]; 2] = [[0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0], [0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0]];
/// Validation users the weights are chosen on, evenly spread; with fewer than the least, popularity stands.
const USERS: usize = 500;
const LEAST_USERS: usize = 30;

/// A list is ordered by log popularity + near x similarity + taste x expected rating. Weights of 0 are plain popularity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blend {
    near: f64,
    taste: f64,
}

/// The weights for users with few ratings and for those with many, chosen on validation rows. Users with none get what
/// is popular.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blends {
    few: Blend,
    many: Blend,
}

/// A validation user and the items they liked later.
pub(crate) struct ValidationUser {
    pub(crate) profile: Profile,
    pub(crate) liked: Vec<u32>,
}

/// What speaks for an item.
#[derive(Debug, Clone, Copy, Default)]
struct Signals {
    popular: f64,
    near: f64,
    taste: f64,
}

/// An item for a user.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// Its id.
    pub item: String,
    /// What the list is ordered by; comparable within a list only.
    pub score: f64,
    /// The rating expected.
    pub rating: f64,
    /// Why, in words.
    pub reason: ListedReason,
}

impl Blend {
    fn score(&self, signals: &Signals) -> f64 {
        signals.popular + self.near * signals.near + self.taste * signals.taste
    }

    /// The weights with the best mean NDCG@10 for these users.
    fn chosen(model: &Model, validation_users: &[&ValidationUser]) -> Self {
        if validation_users.len() < LEAST_USERS {
            return Self::default();
        }
        let stride = validation_users.len().div_ceil(USERS).max(1);
        let users = validation_users.iter().step_by(stride).map(|user| (model.signals(&user.profile), &user.liked));
        let users: Vec<_> = users.collect();
        let gain = |blend: &Self| {
            let gains = users.iter().map(|(signals, liked)| {
                let list = first(signals.iter().map(|(item, signals)| (*item, blend.score(signals))).collect(), 10);
                ndcg(list.iter().map(|(item, _)| liked.contains(item)), liked.len(), 10)
            });
            gains.sum::<f64>()
        };
        let mut best = (gain(&Self::default()), Self::default());
        for blend in CHOICES[0].iter().flat_map(|&near| CHOICES[1].map(|taste| Self { near, taste })) {
            let gain = gain(&blend);
            if gain > best.0 {
                best = (gain, blend);
            }
        }
        best.1
    }
}

impl Blends {
    /// The best weights for each kind of user there is among these.
    pub(crate) fn chosen(model: &Model, validation_users: &[ValidationUser]) -> Self {
        let of = |ratings: std::ops::Range<usize>| {
            Blend::chosen(
                model,
                &validation_users.iter().filter(|user| ratings.contains(&user.profile.ratings())).collect::<Vec<_>>(),
            )
        };
        Self { few: of(1..MANY), many: of(MANY..usize::MAX) }
    }

    pub(crate) fn is_finite(&self) -> bool {
        [self.few, self.many].iter().all(|blend| blend.near.is_finite() && blend.taste.is_finite())
    }

    fn of(&self, profile: &Profile) -> Blend {
        match profile.ratings() {
            0 => Blend::default(),
            1..MANY => self.few,
            _ => self.many,
        }
    }
}

impl Model {
    /// The `n` best items for a user that they have not rated, the best first.
    pub fn recommend(&self, profile: &Profile, n: usize) -> Vec<Recommendation> {
        let of = |(item, score): (u32, f64)| {
            let id = self.items.name(item);
            Recommendation {
                item: id.to_owned(),
                score,
                rating: self.predict(profile, id),
                reason: self.reason(profile, item),
            }
        };
        self.ranked(profile, n).into_iter().map(of).collect()
    }

    /// The numbers of the `n` best items with their scores.
    pub(crate) fn ranked(&self, profile: &Profile, n: usize) -> Vec<(u32, f64)> {
        let blend = self.blends.of(profile);
        let scored = |signals: Vec<(u32, Signals)>| signals.iter().map(|(item, s)| (*item, blend.score(s))).collect();
        let mut list: Vec<(u32, f64)> = first(scored(self.signals(profile)), n);
        if list.len() < n {
            let rare = |&(item, _): &(u32, Signals)| self.derived.support[item as usize] < SUPPORT_FLOOR;
            let rest = self.all_signals(profile).into_iter().filter(rare).collect();
            list.extend(first(scored(rest), n - list.len()));
        }
        list
    }

    /// The signals of the items that may be recommended.
    fn signals(&self, profile: &Profile) -> Vec<(u32, Signals)> {
        let enough = |&(item, _): &(u32, Signals)| self.derived.support[item as usize] >= SUPPORT_FLOOR;
        self.all_signals(profile).into_iter().filter(enough).collect()
    }

    /// The signals of every item the user has not rated.
    fn all_signals(&self, profile: &Profile) -> Vec<(u32, Signals)> {
        let mut rated = vec![false; self.items.len()];
        let mut near = vec![0.0; self.items.len()];
        for cell in &profile.history {
            rated[cell.other as usize] = true;
            for &(item, similarity) in self.near.line(cell.other) {
                near[item as usize] += f64::from(similarity);
            }
        }
        let share = 1.0 / (profile.history.len().max(1) as f64).sqrt();
        let open = (0..self.items.len() as u32).filter(|&item| !rated[item as usize]);
        let of = |item: u32| Signals {
            popular: f64::from(1 + self.derived.support[item as usize]).ln(),
            near: near[item as usize] * share,
            taste: self.taste(profile, Some(item)),
        };
        open.map(|item| (item, of(item))).collect()
    }

    /// Why this item: the rated ones it is most similar to, or how many have rated it.
    fn reason(&self, profile: &Profile, item: u32) -> ListedReason {
        let similarity = |cell: &Cell| self.near.line(cell.other).iter().find(|near| near.0 == item).map(|near| near.1);
        let found = profile.history.iter().filter_map(|cell| Some((similarity(cell)?, cell.other)));
        let mut found: Vec<(f32, u32)> = found.collect();
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        match found.iter().map(|&(_, item)| self.items.name(item)).collect::<Vec<_>>()[..] {
            [] => ListedReason::Popular { users: self.derived.support[item as usize].into() },
            [one] => ListedReason::RatedToo { one: one.to_owned(), other: None },
            [one, two, ..] => ListedReason::RatedToo { one: one.to_owned(), other: Some(two.to_owned()) },
        }
    }
}

/// The `n` highest scores, in order; of equal ones the lower number first.
fn first(mut scored: Vec<(u32, f64)>, n: usize) -> Vec<(u32, f64)> {
    let order = |a: &(u32, f64), b: &(u32, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if n > 0 && scored.len() > n {
        scored.select_nth_unstable_by(n - 1, order);
    }
    scored.truncate(n);
    scored.sort_unstable_by(order);
    scored
}
