//! Losses of two contestants, paired by date.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common::losses::{Contestant, RowLosses};

/// Losses of a model and of a reference on the same dates, in their order.
///
/// Symbols move together, so the rows of one date are one observation: their mean.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Mean loss of the model, one a date.
    pub model: Vec<f64>,
    /// Mean loss of the reference on the same dates.
    pub reference: Vec<f64>,
}

impl Series {
    /// Pairs two contestants over the rows where both were scored; empty if there are none.
    pub fn pair(losses: &RowLosses, model: Contestant, reference: Contestant) -> Self {
        let mut dates: BTreeMap<NaiveDate, (f64, f64, f64)> = BTreeMap::new();
        for row in &losses.0 {
            if let (Some(a), Some(b)) = (row.of(model), row.of(reference)) {
                let (sum_a, sum_b, count) = dates.entry(row.date).or_default();
                *sum_a += a.loss;
                *sum_b += b.loss;
                *count += 1.0;
            }
        }
        let (model, reference) = dates.into_values().map(|(a, b, count)| (a / count, b / count)).unzip();
        Self { model, reference }
    }

    /// How many dates there are.
    pub fn len(&self) -> usize {
        self.model.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.model.is_empty()
    }

    /// The newest so many dates.
    #[must_use]
    pub fn newest(mut self, count: usize) -> Self {
        let older = self.len().saturating_sub(count);
        self.model.drain(..older);
        self.reference.drain(..older);
        self
    }

    /// Each date's difference of loss, model less reference, over the mean loss of the reference: their mean is the relative
    /// difference of loss. Absent where the reference has no positive loss or a figure is not finite.
    pub(super) fn relative_differences(&self) -> Option<Vec<f64>> {
        let scale = self.reference.iter().sum::<f64>() / self.len() as f64;
        if !(scale.is_finite() && scale > 0.0) {
            return None;
        }
        let differences: Vec<f64> = self.model.iter().zip(&self.reference).map(|(a, b)| (a - b) / scale).collect();
        differences.iter().all(|d| d.is_finite()).then_some(differences)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_dates_are_the_last_ones() {
        let series = Series { model: vec![1.0, 2.0, 3.0], reference: vec![4.0, 5.0, 6.0] };
        assert_eq!((series.len(), series.is_empty(), Series::default().is_empty()), (3, false, true));
        assert_eq!(series.clone().newest(2), Series { model: vec![2.0, 3.0], reference: vec![5.0, 6.0] });
        assert_eq!(series.clone().newest(9), series);
    }
}
