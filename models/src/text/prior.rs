//! What is known of the weights before a training: nothing but that they are small, or what a parent has learned.
//!
//! A parent's knowledge is a normal distribution around its weights, with the curvature of its loss as precision (Laplace's
//! approximation with a diagonal, as in Chapelle and Li 2011). So 1,000 new rows move what they know better than the old
//! rows did, and hardly anything else.

use super::scale::Scale;
use super::sparse::Csr;

/// Independent normal distributions, one for each column and, last, for the bias.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prior {
    pub(crate) means: Vec<f64>,
    /// 1 / variance, above 0.
    pub(crate) precisions: Vec<f64>,
}

impl Prior {
    /// Mean 0 and precision 1: plain L2.
    pub(crate) fn plain(columns: usize) -> Self {
        Self { means: vec![0.0; columns + 1], precisions: vec![1.0; columns + 1] }
    }

    /// This prior of the columns of `old` for those of `new`; columns that are new are plain.
    pub(crate) fn moved(&self, old: &Scale, new: &Scale) -> Self {
        let mut moved = Self::plain(new.columns.len());
        let pairs =
            old.columns.slots().iter().enumerate().filter_map(|(from, slot)| Some((from, new.columns.find(*slot)?)));
        for (from, to) in pairs.chain([(old.columns.len(), new.columns.len())]) {
            moved.means[to] = self.means[from];
            moved.precisions[to] = self.precisions[from];
        }
        moved
    }

    /// Rescales inputs so that steps away from the means are under plain L2.
    pub(crate) fn whiten(&self, matrix: &mut Csr) {
        let factors: Vec<f64> = self.precisions.iter().map(|precision| 1.0 / precision.sqrt()).collect();
        matrix.scale_columns(&factors);
    }

    /// The weights after such steps.
    pub(crate) fn weights(&self, steps: &[f64]) -> Vec<f64> {
        let spread = self.means.iter().zip(&self.precisions);
        spread.zip(steps).map(|((mean, precision), step)| mean + step / precision.sqrt()).collect()
    }

    /// What is known after such steps, when rows have this curvature along them.
    pub(crate) fn after(&self, steps: &[f64], curvature: &[f64]) -> Self {
        let precisions = self.precisions.iter().zip(curvature).map(|(precision, c)| precision * (1.0 + c)).collect();
        Self { means: self.weights(steps), precisions }
    }
}
