//! Everyone's probabilities on the held-out texts, for the gate.

use std::collections::{BTreeMap, HashMap};

use common::losses::{Contestant, LossRow, RowLosses, Scored};
use common::random::{Purpose, Stream};
use common::vocabulary::{
    ContestantMetrics, Evaluation, InputImportance, Loss, Manifest, Reading, SliceFigures, Snapshot, figures as names,
};

use super::canonical::group;
use super::data::Row;
use super::family::Text;
use super::figures::{Figures, log_loss};
use super::input::{Placed, Rows};
use super::model::Model;
use super::scores::{MIN_SLICE, Report, score};
use super::side::Side;
use crate::error::TrainError;
use crate::family;
use crate::version::Version;

/// Times the texts are dealt out anew.
const REPEATS: u32 = 3;

/// Scores the challenger and everyone else on the holdout. That nobody has seen it, the hash of each text says: who has learnt from
/// another column of texts had other sides, and is left out.
pub(crate) fn judge(
    rows: &Rows,
    challenger: &Model,
    others: &[(Contestant, Version<Text>)],
) -> Result<(RowLosses, Evaluation), TrainError> {
    let held_out: Vec<&Placed> = rows.on(Side::Holdout).collect();
    let days = || held_out.iter().map(|placed| placed.date);
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return Err(TrainError::Data("no text is held out: import more".into()));
    };
    let report = |model: &Model| score(model, held_out.iter().map(|placed| &placed.row));
    let own = report(challenger);
    let others = others.iter().filter(|(_, version)| reads(&version.manifest) == Some(rows.column()));
    let others: Vec<(Contestant, Report)> = others.map(|(who, other)| (*who, report(&other.model))).collect();
    let reports =
        || std::iter::once((Contestant::Challenger, &own)).chain(others.iter().map(|(who, report)| (*who, report)));

    let mut contestants: Vec<ContestantMetrics> = reports().map(|(who, report)| metrics(who, report)).collect();
    contestants.push(of_prevalence(&own.figures));
    contestants.sort_by_key(|figures| figures.contestant);
    let evaluation = Evaluation {
        rows: held_out.len() as u64,
        first,
        last,
        loss: Loss::LogLoss,
        baseline: Contestant::Prevalence,
        contestants,
        forecasts: None,
        slices: slices(rows, challenger, &own),
        importance: vec![importance(rows.column(), &held_out, &own)],
        finite: own.rows.iter().all(|row| row.probability.is_finite()),
        varies: own.rows.windows(2).any(|pair| pair[0].probability != pair[1].probability),
    };
    Ok((losses(&held_out, reports(), challenger.prevalence()), evaluation))
}

/// The column a version reads texts from.
fn reads(manifest: &Manifest) -> Option<&str> {
    match &manifest.snapshot {
        Snapshot::Table { reading: Reading::Texts(columns), .. } => Some(&columns.text),
        Snapshot::Table { reading: Reading::Ratings(_) | Reading::Records(_), .. } | Snapshot::Bars { .. } => None,
    }
}

/// What it is worth to know the text: the rise of the loss when the texts' probabilities are dealt out anew (Breiman 2001).
fn importance(column: &str, held_out: &[&Placed], own: &Report) -> InputImportance {
    let rise = |repeat| {
        let mut dealt: Vec<f64> = own.rows.iter().map(|row| row.probability).collect();
        Stream::new(0, Purpose::Importance, repeat, 0).shuffle(&mut dealt);
        let losses = held_out.iter().zip(dealt).map(|(placed, probability)| log_loss(probability, placed.row.label));
        losses.sum::<f64>() / own.rows.len().max(1) as f64 - own.figures.log_loss
    };
    InputImportance::of(column, &(0..REPEATS).map(rise).collect::<Vec<f64>>())
}

/// Mean log loss over a side.
pub(crate) fn mean_loss(rows: &Rows, model: &Model, side: family::Side) -> f64 {
    let some: Vec<&Row> = match side {
        family::Side::Holdout => rows.on(Side::Holdout).map(|placed| &placed.row).collect(),
        family::Side::Validation => rows.on(Side::Validation).map(|placed| &placed.row).collect(),
        family::Side::Old => rows.training(false).collect(),
    };
    score(model, some).figures.log_loss
}

fn losses<'a>(
    held_out: &[&Placed],
    reports: impl Iterator<Item = (Contestant, &'a Report)>,
    prevalence: f64,
) -> RowLosses {
    let by_key: Vec<(Contestant, HashMap<&str, &super::scores::Scored>)> =
        reports.map(|(who, report)| (who, report.rows.iter().map(|row| (row.key.as_str(), row)).collect())).collect();
    let row = |placed: &&Placed| {
        let mut scores = Vec::with_capacity(by_key.len() + 1);
        for (who, rows) in &by_key {
            let Some(scored) = rows.get(placed.row.key.as_str()) else { continue };
            scores.push((*who, Scored { loss: scored.loss, prediction: scored.probability }));
            if *who == Contestant::Challenger {
                scores.push((Contestant::Prevalence, Scored { loss: scored.baseline, prediction: prevalence }));
            }
        }
        scores.sort_by_key(|(who, _)| *who);
        LossRow {
            date: placed.date,
            key: placed.row.key.clone(),
            unit: format!("{:016x}", group(&placed.row.text)),
            target: f64::from(u8::from(placed.row.label)),
            scores,
        }
    };
    RowLosses(held_out.iter().map(row).collect())
}

fn metrics(contestant: Contestant, report: &Report) -> ContestantMetrics {
    let Figures { log_loss, auc, pr_auc, f1, brier, calibration_error, .. } = report.figures;
    let known = [(names::AUC, auc), (names::PR_AUC, pr_auc), (names::F1, f1)];
    let known = known.into_iter().filter_map(|(name, figure)| Some((name, figure?)));
    let figures: BTreeMap<String, f64> = known
        .chain([(names::BRIER, brier), (names::CALIBRATION, calibration_error)])
        .map(|(name, figure)| (name.to_owned(), figure))
        .collect();
    ContestantMetrics { contestant, loss: log_loss, figures }
}

/// The share of the class, said of every text.
fn of_prevalence(own: &Figures) -> ContestantMetrics {
    let figures = [(names::AUC.to_owned(), 0.5)].into();
    ContestantMetrics { contestant: Contestant::Prevalence, loss: own.baseline_log_loss, figures }
}

/// Writing styles and groups apart, and the anchor set, which no version has ever been trained on.
fn slices(rows: &Rows, challenger: &Model, own: &Report) -> Vec<SliceFigures> {
    let anchor = score(challenger, rows.on(Side::Anchor).map(|placed| &placed.row));
    let anchor = (anchor.rows.len() >= MIN_SLICE).then(|| {
        let losses: Vec<(f64, f64)> = anchor.rows.iter().map(|row| (row.loss, row.baseline)).collect();
        SliceFigures::of("anchor", &losses)
    });
    own.slices.iter().map(|part| SliceFigures::of(&part.name, &part.losses)).chain(anchor).collect()
}
