//! Everyone's predictions on the held-out records, for the gate.

use std::collections::BTreeMap;

use common::losses::{Contestant, LossRow, RowLosses, Scored};
use common::vocabulary::records::Task;
use common::vocabulary::{ContestantMetrics, Evaluation, InputImportance, Loss, SliceFigures};

use super::family::Tabular;
use super::importance::importance;
use super::input::Rows;
use super::model::Model;
use super::scores::{SLICE_ROWS, Scores, scores};
use super::sides::Side;
use crate::error::TrainError;
use crate::family;
use crate::unseen;
use crate::version::Version;

/// Times each input is shuffled.
const REPEATS: u32 = 5;

/// Scores the challenger and everyone else on the holdout.
pub(crate) fn judge(
    rows: &Rows,
    challenger: &Model,
    others: &[(Contestant, Version<Tabular>)],
) -> Result<(RowLosses, Evaluation), TrainError> {
    let seen_through =
        others.iter().map(|(_, version)| &version.model).chain([challenger]).filter_map(|model| model.seen_through());
    // Which undated records nobody sees, their hash says.
    let seen_through = seen_through.reduce(f64::max);
    let held_out = unseen::part(&rows.on(Side::Holdout), |row| rows.data().times[row], seen_through)?.later;
    let days = || held_out.iter().map(|row| rows.date(*row));
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return Err(TrainError::Data("no record with a known outcome is held out: import more".into()));
    };
    let own = scores(challenger, rows.as_read_by(challenger)?.as_ref(), &held_out)?;
    let mut all = vec![(Contestant::Challenger, own.clone())];
    for (contestant, version) in others {
        all.push((*contestant, scores(&version.model, rows.as_read_by(&version.model)?.as_ref(), &held_out)?));
    }
    all.sort_by_key(|(contestant, _)| *contestant);
    let baselines: Vec<(Contestant, &[f64])> = own
        .baselines
        .iter()
        .map(|(name, losses)| Ok((baseline(name)?, losses.as_slice())))
        .collect::<Result<_, TrainError>>()?;
    let hardest = baselines.first().map(|(contestant, _)| *contestant);
    let hardest = hardest.ok_or_else(|| TrainError::Code("a model of records has no baseline".into()))?;

    let mut contestants: Vec<ContestantMetrics> =
        all.iter().map(|(contestant, scores)| metrics(*contestant, scores)).collect();
    contestants.extend(baselines.iter().map(|(contestant, losses)| ContestantMetrics {
        contestant: *contestant,
        loss: mean(losses),
        figures: BTreeMap::new(),
    }));
    let evaluation = Evaluation {
        rows: held_out.len() as u64,
        first,
        last,
        loss: loss(&challenger.schema().task),
        baseline: hardest,
        contestants,
        forecasts: None,
        slices: slices(rows, challenger, &own)?,
        importance: importances(rows, challenger, &held_out)?,
        finite: own.predictions.iter().chain(&own.losses).all(|figure| figure.is_finite()),
        varies: own.predictions.windows(2).any(|pair| pair[0] != pair[1]),
    };
    Ok((losses(rows, &held_out, &all, &baselines), evaluation))
}

/// Mean loss over a side.
pub(crate) fn mean_loss(rows: &Rows, model: &Model, side: family::Side) -> Result<f64, TrainError> {
    let some = match side {
        family::Side::Holdout => rows.on(Side::Holdout),
        // Inner folds validate: no row is set apart.
        family::Side::Validation => Vec::new(),
        family::Side::Old => rows.fitted(false),
    };
    Ok(scores(model, rows.as_read_by(model)?.as_ref(), &some)?.loss())
}

fn loss(task: &Task) -> Loss {
    match task {
        Task::Is { .. } | Task::Exceeds { .. } => Loss::LogLoss,
        Task::Number { .. } => Loss::AbsoluteError,
        Task::LogRatio { .. } => Loss::AbsoluteLogError,
    }
}

fn baseline(name: &str) -> Result<Contestant, TrainError> {
    name.parse().map_err(|error| TrainError::Code(format!("a baseline without a name: {error}")))
}

fn losses(
    rows: &Rows,
    held_out: &[usize],
    all: &[(Contestant, Scores)],
    baselines: &[(Contestant, &[f64])],
) -> RowLosses {
    let row = |(at, row): (usize, &usize)| {
        let scored = |(contestant, scores): &(Contestant, Scores)| {
            (*contestant, Scored { loss: scores.losses[at], prediction: scores.predictions[at] })
        };
        let of_baseline =
            |(contestant, losses): &(Contestant, &[f64])| (*contestant, Scored { loss: losses[at], prediction: 0.0 });
        let mut scores: Vec<_> = all.iter().map(scored).chain(baselines.iter().map(of_baseline)).collect();
        scores.sort_by_key(|(contestant, _)| *contestant);
        let key = rows.data().keys[*row].clone();
        LossRow { date: rows.date(*row), unit: key.clone(), key, target: rows.data().targets[*row], scores }
    };
    RowLosses(held_out.iter().enumerate().map(row).collect())
}

fn metrics(contestant: Contestant, scores: &Scores) -> ContestantMetrics {
    ContestantMetrics { contestant, loss: scores.loss(), figures: scores.figures.clone() }
}

/// Groups apart, and the anchor set, which no version has ever been trained on.
fn slices(rows: &Rows, challenger: &Model, own: &Scores) -> Result<Vec<SliceFigures>, TrainError> {
    let mut slices = own.slices.clone();
    let anchor = rows.on(Side::Anchor);
    if anchor.len() >= SLICE_ROWS {
        let scores = scores(challenger, rows.as_read_by(challenger)?.as_ref(), &anchor)?;
        let baseline = scores.baselines.first();
        let losses = |baseline: &[f64]| scores.losses.iter().copied().zip(baseline.iter().copied()).collect::<Vec<_>>();
        slices.extend(baseline.map(|(_, baseline)| SliceFigures::of("anchor", &losses(baseline))));
    }
    Ok(slices)
}

fn importances(rows: &Rows, model: &Model, held_out: &[usize]) -> Result<Vec<InputImportance>, TrainError> {
    importance(model, rows.as_read_by(model)?.as_ref(), held_out, REPEATS, model.seed())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
