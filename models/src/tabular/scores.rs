//! How good a model is on rows it has not seen, against its baselines and by group.

use std::collections::BTreeMap;

use common::vocabulary::{SliceFigures, figures as names};

use super::choice::SHARES;
use super::dataset::{Column, Dataset, MISSING};
use super::figures::{auc, average_precision, brier, calibration_error, f1};
use super::math::{quantile, sigmoid};
use super::model::Model;
use super::stage::loss;
use crate::error::TrainError;

/// A group counts from so many rows on.
pub(crate) const SLICE_ROWS: usize = 50;

/// Losses per row and figures; log loss in nats, or absolute error (of the logarithm, when there is an estimate).
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The keys of the rows.
    pub keys: Vec<String>,
    /// The outcomes.
    pub targets: Vec<f64>,
    /// What was predicted: probabilities, or numbers.
    pub predictions: Vec<f64>,
    /// The model's loss, one per row.
    pub losses: Vec<f64>,
    /// The baselines by name with a loss per row; the hardest on validation rows first.
    pub baselines: Vec<(String, Vec<f64>)>,
    /// Also reported, by name.
    pub figures: BTreeMap<String, f64>,
    /// Groups of at least 50 rows.
    pub slices: Vec<SliceFigures>,
}

impl Scores {
    /// The mean loss.
    pub fn loss(&self) -> f64 {
        mean(&self.losses)
    }

    /// How much less that is than the hardest baseline's, as a share.
    pub fn skill(&self) -> f64 {
        self.baselines.first().map_or(f64::NAN, |(_, losses)| 1.0 - self.loss() / mean(losses))
    }
}

/// Scores rows that the model has not seen; the caller sees to that.
///
/// # Errors
/// No rows, an unknown outcome, or other inputs than the model's.
pub fn scores(model: &Model, data: &Dataset, rows: &[usize]) -> Result<Scores, TrainError> {
    let targets: Vec<f64> = rows.iter().map(|&row| data.targets[row]).collect();
    if targets.is_empty() || targets.iter().any(|target| !target.is_finite()) {
        return Err(TrainError::Data(
            "no rows to score, or rows whose outcome is not known yet: leave those out".into(),
        ));
    }
    let task = &model.preprocessing.schema.task;
    let loss = loss(task);
    let margins = model.margins(data, rows)?;
    let losses: Vec<f64> = margins.iter().zip(&targets).map(|(&margin, &target)| loss.of(margin, target)).collect();
    let baseline = |margin: f64| targets.iter().map(|&target| loss.of(margin, target)).collect();
    let baselines: Vec<(String, Vec<f64>)> =
        model.preprocessing.baselines.iter().map(|b| (b.name.clone(), baseline(b.margin))).collect();
    let binary = task.is_binary();
    let predictions = if binary { margins.iter().map(|&margin| sigmoid(margin)).collect() } else { margins };
    let figures = if binary {
        of_classes(&predictions, &targets, model.preprocessing.threshold)
    } else {
        of_numbers(model, &predictions, &targets)
    };
    let slices = slices(data, rows, &losses, &baselines[0].1);
    let keys = rows.iter().map(|&row| data.keys[row].clone()).collect();
    Ok(Scores { keys, targets, predictions, losses, baselines, figures, slices })
}

fn of_classes(probabilities: &[f64], targets: &[f64], threshold: f64) -> BTreeMap<String, f64> {
    let figures = [
        (names::AUC, auc(probabilities, targets)),
        (names::PR_AUC, average_precision(probabilities, targets)),
        (names::F1, f1(probabilities, targets, threshold)),
        (names::BRIER, brier(probabilities, targets)),
        (names::CALIBRATION, calibration_error(probabilities, targets)),
    ];
    figures.into_iter().map(|(name, figure)| (name.to_owned(), figure)).collect()
}

fn of_numbers(model: &Model, predictions: &[f64], targets: &[f64]) -> BTreeMap<String, f64> {
    let residuals: Vec<f64> = targets.iter().zip(predictions).map(|(target, prediction)| target - prediction).collect();
    let inside = |low: usize| {
        let (low, high) = (model.preprocessing.spread[low], model.preprocessing.spread[SHARES.len() - 1 - low]);
        residuals.iter().filter(|r| (low..=high).contains(*r)).count() as f64 / residuals.len() as f64
    };
    let mut absolute: Vec<f64> = residuals.iter().map(|r| r.abs()).collect();
    absolute.sort_unstable_by(f64::total_cmp);
    let figures = [
        (names::COVERAGE_95, inside(0)),
        (names::COVERAGE_80, inside(1)),
        (names::COVERAGE_50, inside(2)),
        (names::MEDIAN_ERROR, quantile(&absolute, 0.5)),
    ];
    figures.into_iter().map(|(name, figure)| (name.to_owned(), figure)).collect()
}

/// The groups of the schema, such as `Age=30 to 40`.
fn slices(data: &Dataset, rows: &[usize], losses: &[f64], baseline: &[f64]) -> Vec<SliceFigures> {
    let mut found = Vec::new();
    for (spec, column) in data.schema.slices.iter().zip(&data.groups) {
        let mut groups: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
        for (i, &row) in rows.iter().enumerate() {
            if let Some(group) = group(column, &spec.bands, row) {
                groups.entry(group).or_default().push(i);
            }
        }
        let slice = |((_, group), indices): ((usize, String), Vec<usize>)| {
            let losses: Vec<(f64, f64)> = indices.iter().map(|&i| (losses[i], baseline[i])).collect();
            SliceFigures::of(format!("{}={group}", spec.column), &losses)
        };
        found.extend(groups.into_iter().filter(|(_, indices)| indices.len() >= SLICE_ROWS).map(slice));
    }
    found
}

/// The band or value of a row, with its index in the order of groups.
fn group(column: &Column, bands: &[f64], row: usize) -> Option<(usize, String)> {
    match column {
        Column::Category { codes, .. } if codes[row] == MISSING => None,
        Column::Category { codes, names } => Some((0, names[codes[row] as usize].clone())),
        Column::Number(values) if values[row].is_nan() => None,
        Column::Number(values) if bands.is_empty() => Some((0, values[row].to_string())),
        Column::Number(values) => {
            let band = bands.partition_point(|&begin| begin <= values[row]);
            let name = match (band.checked_sub(1).map(|low| bands[low]), bands.get(band)) {
                (None, Some(high)) => format!("below {high}"),
                (Some(low), Some(high)) => format!("{low} to {high}"),
                (low, None) => format!("from {}", low.unwrap_or_default()),
            };
            Some((band, name))
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
