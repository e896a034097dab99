//! How good a model is on ratings it has not seen.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::baseline::Baseline;
use super::model::{Model, Profile};
use super::ranking::{ndcg, recall};
use super::ratings::Ratings;
use super::recommend::MANY;

/// Length of the lists that are scored.
const LIST: usize = 10;

/// Whether the ratings a user gave before a row are folded into the contestants before it is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Test, then fold in: for rows in time.
    Forward,
    /// Everything as of training: for rows without time, such as random folds.
    AsTrained,
}

/// How much was known of the user when a row was scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// 20 ratings or more.
    Many,
    /// 1 to 19.
    Few,
    /// None.
    None,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowScore {
    /// Its index in the ratings.
    pub row: u32,
    /// The number of its user in the ratings: the cluster.
    pub user: u32,
    /// How much was known of them.
    pub group: Group,
    /// What the model expected.
    pub prediction: f64,
    /// What the biases alone expected.
    pub expected: f64,
    /// Squared error of the model.
    pub model: f64,
    /// Squared error of the biases alone.
    pub baseline: f64,
}

/// Figures over some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    /// How many.
    pub rows: usize,
    /// Root mean squared error of the model.
    pub rmse: f64,
    /// Mean absolute error of the model.
    pub mae: f64,
    /// Root mean squared error of the biases alone.
    pub baseline_rmse: f64,
}

/// A user's list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListScore {
    /// The number of the user in the ratings: the cluster.
    pub user: u32,
    /// How much was known of them.
    pub group: Group,
    /// NDCG@10 of the model over the full ranking.
    pub ndcg: f64,
    /// NDCG@10 of the most popular items.
    pub popular_ndcg: f64,
    /// Recall@10 of the model.
    pub recall: f64,
    /// Recall@10 of the most popular items.
    pub popular_recall: f64,
}

impl Group {
    fn of(ratings: usize) -> Self {
        match ratings {
            0 => Self::None,
            1..MANY => Self::Few,
            _ => Self::Many,
        }
    }
}

/// Scores each row with the model and the baseline, user by user, and in time within a user. Rows of the same second
/// are scored together, so that none helps another. `before`: earlier rows, folded in where the model has not seen them.
pub fn score_rows(
    model: &Model,
    baseline: &Baseline,
    ratings: &Ratings,
    before: &[u32],
    rows: &[u32],
    mode: Mode,
) -> Vec<RowScore> {
    let mut scores = Vec::with_capacity(rows.len());
    visit(model, ratings, before, rows, mode, |Turn { user, profile, is_folded, rows }| {
        let bias = match is_folded {
            true => baseline.fold_in(model.rated(profile)),
            false => baseline.bias(ratings.users.name(user)),
        };
        for &row in rows {
            let (item, value) = rating_of(ratings, row);
            let (prediction, expected) = (model.predict(profile, item), baseline.predict(bias, item));
            let squared = |prediction: f64| (value - prediction).powi(2);
            scores.push(RowScore {
                row,
                user,
                group: Group::of(profile.ratings()),
                prediction,
                expected,
                model: squared(prediction),
                baseline: squared(expected),
            });
        }
    });
    scores
}

/// The model's mean squared error over rows scored as by [`score_rows`].
pub(crate) fn mean_squared_error(model: &Model, ratings: &Ratings, before: &[u32], rows: &[u32], mode: Mode) -> f64 {
    let mut sum = 0.0;
    visit(model, ratings, before, rows, mode, |Turn { profile, rows, .. }| {
        sum += rows
            .iter()
            .map(|&row| {
                let (item, value) = rating_of(ratings, row);
                (value - model.predict(profile, item)).powi(2)
            })
            .sum::<f64>();
    });
    sum / rows.len().max(1) as f64
}

/// Rows of a user that are scored together, and what is known of them by then.
struct Turn<'a> {
    user: u32,
    profile: &'a Profile,
    /// Ratings have been folded into their profile.
    is_folded: bool,
    rows: &'a [u32],
}

/// Goes through the rows user by user and in time, and folds them in once they have had their turn.
fn visit(model: &Model, ratings: &Ratings, before: &[u32], rows: &[u32], mode: Mode, mut each: impl FnMut(Turn<'_>)) {
    let known: BTreeMap<u32, Vec<u32>> = by_user(ratings, before).into_iter().collect();
    for (user, rows) in by_user(ratings, rows) {
        let id = ratings.users.name(user);
        let time = |row: &u32| ratings.time[*row as usize];
        let known = known.get(&user).map_or(&[][..], Vec::as_slice);
        let mut earlier: Vec<(&str, f64, f64)> = known.iter().map(|&row| entry(ratings, row)).collect();
        for rows in rows.chunk_by(|a, b| mode == Mode::AsTrained || time(a) == time(b)) {
            let profile = model.profile(id, earlier.iter().copied());
            each(Turn { user, profile: &profile, is_folded: !earlier.is_empty(), rows });
            earlier.extend(rows.iter().map(|&row| entry(ratings, row)));
        }
    }
}

/// The item of a row and its rating.
fn rating_of(ratings: &Ratings, row: u32) -> (&str, f64) {
    let (item, value, _) = entry(ratings, row);
    (item, value)
}

/// Figures over all these rows, and over those of each group there is.
pub fn figures(scores: &[RowScore]) -> (Figures, BTreeMap<Group, Figures>) {
    let of = |scores: &mut dyn Iterator<Item = &RowScore>| {
        let (mut figures, mut rows) = (Figures::default(), 0.0);
        for score in scores {
            rows += 1.0;
            figures.rmse += score.model;
            figures.mae += score.model.sqrt();
            figures.baseline_rmse += score.baseline;
        }
        let mean = |sum: f64| if rows > 0.0 { sum / rows } else { 0.0 };
        let Figures { rmse, mae, baseline_rmse, .. } = figures;
        Figures {
            rows: rows as usize,
            rmse: mean(rmse).sqrt(),
            mae: mean(mae),
            baseline_rmse: mean(baseline_rmse).sqrt(),
        }
    };
    let groups: BTreeSet<Group> = scores.iter().map(|score| score.group).collect();
    let part = |group| (group, of(&mut scores.iter().filter(|score| score.group == group)));
    (of(&mut scores.iter()), groups.into_iter().map(part).collect())
}

/// Scores a list per user against what they liked: ratings at or above the mean of the training. Of their rows the earlier
/// share `given` (0 to below 1) is folded in first and left out of both lists. Users who liked nothing later are left
/// out.
pub fn score_lists(model: &Model, ratings: &Ratings, rows: &[u32], given: f64) -> Vec<ListScore> {
    let mut popular: Vec<u32> = (0..model.items.len() as u32).collect();
    popular.sort_by_key(|&item| std::cmp::Reverse(model.derived.support[item as usize]));
    let mut scores = Vec::new();
    for (user, rows) in by_user(ratings, rows) {
        let (earlier, later) = rows.split_at((rows.len() as f64 * given) as usize);
        let profile = model.profile(ratings.users.name(user), earlier.iter().map(|&row| entry(ratings, row)));
        let value = |row: &u32| ratings.value[*row as usize];
        let liked = later.iter().filter(|row| value(row) >= model.mean);
        let liked: BTreeSet<&str> = liked.map(|&row| ratings.items.name(ratings.item[row as usize])).collect();
        if liked.is_empty() {
            continue;
        }
        let hit = |item: u32| liked.contains(model.items.name(item));
        let own = || model.ranked(&profile, LIST).into_iter().map(|(item, _)| hit(item)).collect::<Vec<_>>();
        let rated: BTreeSet<u32> = profile.history.iter().map(|cell| cell.other).collect();
        let open = popular.iter().filter(|item| !rated.contains(item)).take(LIST);
        let (own, open): (Vec<bool>, Vec<bool>) = (own(), open.map(|&item| hit(item)).collect());
        scores.push(ListScore {
            user,
            group: Group::of(profile.ratings()),
            ndcg: ndcg(own.iter().copied(), liked.len(), LIST),
            popular_ndcg: ndcg(open.iter().copied(), liked.len(), LIST),
            recall: recall(own.into_iter(), liked.len(), LIST),
            popular_recall: recall(open.into_iter(), liked.len(), LIST),
        });
    }
    scores
}

/// The rows of each user, in time.
fn by_user(ratings: &Ratings, rows: &[u32]) -> Vec<(u32, Vec<u32>)> {
    let user = |row: &u32| ratings.user[*row as usize];
    let mut sorted = rows.to_vec();
    sorted.sort_unstable_by_key(|row| (user(row), ratings.time[*row as usize], *row));
    sorted.chunk_by(|a, b| user(a) == user(b)).map(|rows| (user(&rows[0]), rows.to_vec())).collect()
}

fn entry(ratings: &Ratings, row: u32) -> (&str, f64, f64) {
    let at = row as usize;
    (ratings.items.name(ratings.item[at]), f64::from(ratings.value[at]), f64::from(ratings.weight[at]))
}
