//! How good probabilities are: log loss and what is reported beside it. Every row counts once.

use serde::{Deserialize, Serialize};

use super::maths::ln;

/// Probabilities are kept this far from 0 and 1 before their logarithm is taken.
const EDGE: f64 = 1e-9;
/// Bins of the calibration error.
const BINS: usize = 10;

/// Figures of one set of rows. Those that need both classes are `None` without them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Rows judged.
    pub rows: usize,
    /// Share of label 1.
    pub prevalence: f64,
    /// Mean log loss in nats.
    pub log_loss: f64,
    /// Mean log loss of the training rows' prevalence.
    pub baseline_log_loss: f64,
    /// Probability that a row with label 1 is above one with label 0.
    pub auc: Option<f64>,
    /// Average precision of the minority class.
    pub pr_auc: Option<f64>,
    /// F1 of the minority class at the model's threshold.
    pub f1: Option<f64>,
    /// Mean squared error of the probability (Brier 1950).
    pub brier: f64,
    /// Expected calibration error: mean distance of probability and share in 10 bins of equal width (Naeini et al. 2015).
    pub calibration_error: f64,
}

/// What the figures of one row are made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outcome {
    /// The probability of label 1.
    pub(crate) probability: f64,
    pub(crate) label: bool,
    pub(crate) decided: bool,
}

/// The log loss of a probability of label 1, in nats; 20.7 at most.
pub fn log_loss(probability: f64, label: bool) -> f64 {
    let hit = if label { probability } else { 1.0 - probability };
    -ln(hit.clamp(EDGE, 1.0))
}

/// The figures of probabilities of label 1, decisions, and labels, of equal lengths. `minority` is the label that F1 and
/// average precision are about, `baseline` the prevalence of the training rows.
pub fn figures(probabilities: &[f64], decided: &[bool], labels: &[bool], minority: bool, baseline: f64) -> Figures {
    let outcome = |((p, d), l): ((&f64, &bool), &bool)| Outcome { probability: *p, label: *l, decided: *d };
    let rows: Vec<Outcome> = probabilities.iter().zip(decided).zip(labels).map(outcome).collect();
    of(&rows, minority, baseline)
}

pub(crate) fn of(rows: &[Outcome], minority: bool, baseline: f64) -> Figures {
    let mean = |value: &dyn Fn(&Outcome) -> f64| rows.iter().map(value).sum::<f64>() / rows.len() as f64;
    let scored: Vec<(f64, bool)> = rows.iter().map(|row| (row.probability, row.label)).collect();
    let rare = |row: &Outcome| if minority { row.probability } else { 1.0 - row.probability };
    let rares: Vec<(f64, bool)> = rows.iter().map(|row| (rare(row), row.label == minority)).collect();
    Figures {
        rows: rows.len(),
        prevalence: mean(&|row| f64::from(u8::from(row.label))),
        log_loss: mean(&|row| log_loss(row.probability, row.label)),
        baseline_log_loss: mean(&|row| log_loss(baseline, row.label)),
        auc: auc(&scored),
        pr_auc: average_precision(&rares),
        f1: f1(rows, minority),
        brier: mean(&|row| (row.probability - f64::from(u8::from(row.label))).powi(2)),
        calibration_error: calibration_error(&scored),
    }
}

/// The area under the ROC curve; ties count half.
pub(crate) fn auc(rows: &[(f64, bool)]) -> Option<f64> {
    let positives = rows.iter().filter(|row| row.1).count() as f64;
    let negatives = rows.len() as f64 - positives;
    let ranks = midranks(&rows.iter().map(|row| row.0).collect::<Vec<_>>());
    let sum: f64 = rows.iter().zip(ranks).filter(|(row, _)| row.1).map(|(_, rank)| rank).sum();
    let area = (sum - positives * (positives + 1.0) / 2.0) / (positives * negatives);
    (positives > 0.0 && negatives > 0.0).then_some(area)
}

/// Ranks from 1; equal values share their mean rank.
pub(crate) fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for run in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = first as f64 + (run.len() as f64 + 1.0) / 2.0;
        run.iter().for_each(|at| ranks[*at] = rank);
        first += run.len();
    }
    ranks
}

fn average_precision(rows: &[(f64, bool)]) -> Option<f64> {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = rows.iter().filter(|row| row.1).count() as f64;
    let (mut taken, mut hits, mut area) = (0.0, 0.0, 0.0);
    for tie in rows.chunk_by(|a, b| a.0 == b.0) {
        let new = tie.iter().filter(|row| row.1).count() as f64;
        taken += tie.len() as f64;
        hits += new;
        area += new * hits / taken;
    }
    (positives > 0.0).then(|| area / positives)
}

fn f1(rows: &[Outcome], class: bool) -> Option<f64> {
    let count = |is: &dyn Fn(&Outcome) -> bool| rows.iter().filter(|row| is(row)).count() as f64;
    let members = count(&|row| row.label == class);
    let hits = count(&|row| row.label == class && row.decided == class);
    (members > 0.0).then(|| 2.0 * hits / (members + count(&|row| row.decided == class)))
}

fn calibration_error(rows: &[(f64, bool)]) -> f64 {
    let mut gaps = [0.0; BINS];
    for (probability, label) in rows {
        let bin = ((probability * BINS as f64) as usize).min(BINS - 1);
        gaps[bin] += probability - f64::from(u8::from(*label));
    }
    gaps.iter().map(|gap| gap.abs()).sum::<f64>() / rows.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_worked_out_by_hand() {
        let probabilities = [0.9, 0.6, 0.6, 0.2, 0.1];
        let labels = [true, false, true, false, false];
        let decided = probabilities.map(|p| p >= 0.5);
        let figures = figures(&probabilities, &decided, &labels, true, 0.4);
        assert_eq!(figures.auc, Some(5.5 / 6.0));
        assert!((figures.pr_auc.unwrap() - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
        assert_eq!(figures.f1, Some(0.8));
        assert!((figures.brier - (0.01 + 0.36 + 0.16 + 0.04 + 0.01) / 5.0).abs() < 1e-12);
        assert!((figures.calibration_error - (0.1 + 0.2 + 0.2 + 0.1) / 5.0).abs() < 1e-12);
        let loss = -(0.9_f64.ln() + 0.4_f64.ln() + 0.6_f64.ln() + 0.8_f64.ln() + 0.9_f64.ln()) / 5.0;
        assert!((figures.log_loss - loss).abs() < 1e-12);
        assert!((figures.baseline_log_loss + (2.0 * 0.4_f64.ln() + 3.0 * 0.6_f64.ln()) / 5.0).abs() < 1e-12);
    }

    #[test]
    fn one_class_has_no_ranking_and_certainty_a_bounded_loss() {
        let figures = figures(&[1.0, 0.3], &[true, false], &[false, false], true, 0.5);
        assert_eq!((figures.auc, figures.pr_auc, figures.f1), (None, None, None));
        assert!(figures.log_loss.is_finite() && log_loss(0.0, true) < 20.8);
    }
}
