//! The rows that judge a training while it goes on, and calibrate it at its end.

use super::calibration::Judged;
use super::data::Example;
use super::scale::{Bags, Scale};
use super::sparse::Csr;

/// Validation rows as the classifier reads them.
#[derive(Debug, Clone)]
pub(crate) struct Validation {
    matrix: Csr,
    labels: Vec<bool>,
    weights: Vec<f64>,
}

impl Validation {
    pub(crate) fn new(scale: &Scale, rows: &[Example<'_>]) -> Self {
        Self {
            matrix: scale.matrix(&Bags::of(scale.ngrams, rows)),
            labels: rows.iter().map(|row| row.label).collect(),
            weights: rows.iter().map(|row| row.weight).collect(),
        }
    }

    /// The scores of the rows under these weights.
    pub(crate) fn judged(&self, weights: &[f64]) -> Vec<Judged> {
        let rows = self.matrix.rows().zip(&self.labels).zip(&self.weights);
        rows.map(|((row, label), weight)| Judged { score: row.dot(weights), label: *label, weight: *weight }).collect()
    }

    /// Mean log loss of the scores in nats, not yet calibrated.
    pub(crate) fn loss(&self, weights: &[f64]) -> f64 {
        self.judged(weights).iter().map(|row| row.weight * row.loss_at(row.score)).sum::<f64>()
            / self.weights.iter().sum::<f64>()
    }
}
