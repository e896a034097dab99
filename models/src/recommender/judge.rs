//! Everyone's predictions on the held-out ratings, for the gate: forward in time, each rating folded in once it has been scored.

use std::collections::BTreeMap;

use common::losses::{Contestant, LossRow, RowLosses, Scored};
use common::vocabulary::{ContestantMetrics, Evaluation, Loss, SliceFigures, figures as names};

use super::baseline::Baseline;
use super::evaluate::{Group, ListScore, Mode, RowScore, figures, mean_squared_error, score_lists, score_rows};
use super::family::Recommender;
use super::importance::importance;
use super::model::Model;
use super::rows::Rows;
use crate::error::TrainError;
use crate::family::{Entrant, Side};
use crate::unseen;
use crate::version::Version;

/// Fewest rows of a slice that is reported.
const SLICE_ROWS: usize = 50;

/// Scores the challenger and everyone else on the holdout.
pub(crate) fn judge(
    rows: &Rows,
    challenger: &Entrant<'_, Model>,
    others: &[(Contestant, Version<Recommender>)],
) -> Result<(RowLosses, Evaluation), TrainError> {
    let (ratings, sides) = (rows.ratings(), rows.sides());
    let seen_through = others.iter().map(|(_, version)| version.manifest.seen_through).chain([challenger.seen_through]);
    let parted = unseen::part(&sides.holdout, |row| rows.date(row), seen_through.max())?;
    let holdout = parted.later;
    let days = || holdout.iter().map(|row| rows.date(*row));
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return Err(TrainError::Data("there are no ratings to score on".into()));
    };
    let earlier = [&sides.train[..], &sides.validation, &sides.passed, &parted.earlier].concat();
    let baseline = Baseline::fit(ratings, rows.fitted())?;
    let mut models: Vec<(Contestant, &Model)> = vec![(Contestant::Challenger, challenger.model)];
    models.extend(others.iter().map(|(contestant, version)| (*contestant, &version.model)));
    models.sort_by_key(|(contestant, _)| *contestant);

    let mut contestants = Vec::new();
    let mut scores: Vec<(Contestant, BTreeMap<u32, RowScore>)> = Vec::new();
    for (contestant, model) in models {
        let scored = score_rows(model, &baseline, ratings, &earlier, &holdout, Mode::Forward);
        let lists = score_lists(model, ratings, &holdout, 0.0);
        contestants.push(metrics(contestant, &scored, &lists));
        if contestant == Contestant::Challenger {
            contestants.push(of_biases(&scored, &lists));
        }
        scores.push((contestant, scored.into_iter().map(|score| (score.row, score)).collect()));
    }
    contestants.sort_by_key(|figures| figures.contestant);
    let losses = losses(rows, &holdout, &scores);
    let own: Vec<&RowScore> = scores.first().map(|(_, scores)| scores.values().collect()).unwrap_or_default();
    let evaluation = Evaluation {
        rows: holdout.len() as u64,
        first,
        last,
        loss: Loss::SquaredError,
        baseline: Contestant::Biases,
        contestants,
        forecasts: None,
        slices: slices(&own),
        importance: importance(challenger.model, ratings, &holdout),
        finite: own.iter().all(|score| score.prediction.is_finite()),
        varies: own.windows(2).any(|pair| pair[0].prediction != pair[1].prediction),
    };
    Ok((losses, evaluation))
}

/// Mean squared error over a side.
pub(crate) fn mean_loss(rows: &Rows, model: &Model, side: Side) -> f64 {
    let (ratings, sides) = (rows.ratings(), rows.sides());
    let (earlier, scored, mode) = match side {
        Side::Holdout => ([&sides.train[..], &sides.validation].concat(), &sides.holdout, Mode::Forward),
        Side::Validation => (sides.train.clone(), &sides.validation, Mode::Forward),
        Side::Old => (Vec::new(), &sides.train, Mode::AsTrained),
    };
    mean_squared_error(model, ratings, &earlier, scored, mode)
}

fn losses(rows: &Rows, holdout: &[u32], scores: &[(Contestant, BTreeMap<u32, RowScore>)]) -> RowLosses {
    let ratings = rows.ratings();
    let row = |&row: &u32| {
        let at = row as usize;
        let mut all = Vec::with_capacity(scores.len() + 1);
        for (contestant, scores) in scores {
            let Some(score) = scores.get(&row) else { continue };
            all.push((*contestant, Scored { loss: score.model, prediction: score.prediction }));
            if *contestant == Contestant::Challenger {
                all.push((Contestant::Biases, Scored { loss: score.baseline, prediction: score.expected }));
            }
        }
        all.sort_by_key(|(contestant, _)| *contestant);
        LossRow {
            date: rows.date(row),
            key: ratings.pair(row),
            unit: ratings.users.name(ratings.user[at]).to_owned(),
            target: f64::from(ratings.value[at]),
            scores: all,
        }
    };
    RowLosses(holdout.iter().map(row).collect())
}

fn metrics(contestant: Contestant, scored: &[RowScore], lists: &[ListScore]) -> ContestantMetrics {
    let (all, _) = figures(scored);
    let figures = [
        (names::RMSE, all.rmse),
        (names::MAE, all.mae),
        (names::NDCG_10, mean(lists, |list| list.ndcg)),
        (names::RECALL_10, mean(lists, |list| list.recall)),
    ];
    ContestantMetrics { contestant, loss: all.rmse.powi(2), figures: named(figures) }
}

/// The biases, and lists of what is popular.
fn of_biases(scored: &[RowScore], lists: &[ListScore]) -> ContestantMetrics {
    let (all, _) = figures(scored);
    let figures = [
        (names::RMSE, all.baseline_rmse),
        (names::MAE, mean(scored, |score| score.baseline.sqrt())),
        (names::NDCG_10, mean(lists, |list| list.popular_ndcg)),
        (names::RECALL_10, mean(lists, |list| list.popular_recall)),
    ];
    ContestantMetrics { contestant: Contestant::Biases, loss: all.baseline_rmse.powi(2), figures: named(figures) }
}

fn named<const N: usize>(figures: [(&str, f64); N]) -> BTreeMap<String, f64> {
    figures.map(|(name, figure)| (name.to_owned(), figure)).into()
}

fn mean<T>(all: &[T], of: impl Fn(&T) -> f64) -> f64 {
    all.iter().map(of).sum::<f64>() / all.len().max(1) as f64
}

/// Users with many, few and no ratings apart.
fn slices(own: &[&RowScore]) -> Vec<SliceFigures> {
    [(Group::Many, "ratings=many"), (Group::Few, "ratings=few"), (Group::None, "ratings=none")]
        .into_iter()
        .filter_map(|(group, name)| {
            let of_group = own.iter().filter(|score| score.group == group);
            let losses: Vec<(f64, f64)> = of_group.map(|score| (score.model, score.baseline)).collect();
            (losses.len() >= SLICE_ROWS).then(|| SliceFigures::of(name, &losses))
        })
        .collect()
}
