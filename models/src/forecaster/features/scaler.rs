//! Inputs on a common scale, by what the training rows show and nothing else.

use serde::{Deserialize, Serialize};

use super::daily::{DailySeries, FEATURES, FIRST_FEATURE};
use crate::forecaster::dataset::Row;

/// Standardised inputs are cut off here: one absurd day must not drown the rest.
pub const CUT_OFF: f64 = 8.0;

/// Centre and spread of one input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Median.
    pub center: f64,
    /// Interquartile range / 1.349: the standard deviation, were it normal; above 0.
    pub spread: f64,
}

impl Scale {
    /// Measures values in order; an input that never changes gets spread 1.
    fn fit(sorted: &[f64]) -> Self {
        let spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.349;
        Self { center: quantile(sorted, 0.5), spread: if spread > 1e-12 { spread } else { 1.0 } }
    }

    /// The standardised value.
    pub fn apply(&self, value: f64) -> f32 {
        ((value - self.center) / self.spread).clamp(-CUT_OFF, CUT_OFF) as f32
    }
}

/// Measures every input on the given values, as sorted by [`training_columns`].
pub(crate) fn fit(columns: &[Vec<f64>; FEATURES]) -> [Scale; FEATURES] {
    std::array::from_fn(|i| Scale::fit(&columns[i]))
}

/// The inputs of all bars that training rows look at, one sorted column each: bars older than the last training target.
pub(crate) fn training_columns(series: &[DailySeries], train: &[Row]) -> [Vec<f64>; FEATURES] {
    let mut columns: [Vec<f64>; FEATURES] = Default::default();
    let Some(last) = train.last() else { return columns };
    for one in series {
        let end = one.dates.partition_point(|date| *date < last.date);
        for bar in one.features.get(FIRST_FEATURE..end).unwrap_or_default() {
            for (column, value) in columns.iter_mut().zip(bar) {
                column.push(*value);
            }
        }
    }
    for column in &mut columns {
        column.sort_by(f64::total_cmp);
    }
    columns
}

/// The quantile of sorted values by linear interpolation (Hyndman and Fan's type 7); 0 without values.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_r() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&values, 0.25), 1.75);
        assert_eq!(quantile(&values, 0.5), 2.5);
        assert_eq!((quantile(&values, 0.0), quantile(&values, 1.0)), (1.0, 4.0));
        assert_eq!((quantile(&[], 0.5), quantile(&[7.0], 0.9)), (0.0, 7.0));
    }

    #[test]
    fn constant_and_absurd_inputs_stay_finite() {
        let constant = Scale::fit(&[3.0; 10]);
        assert_eq!((constant.spread, constant.apply(3.0)), (1.0, 0.0));
        let plain = Scale::fit(&[-1.0, 0.0, 1.0]);
        assert_eq!(plain.apply(1e300), CUT_OFF as f32);
        assert_eq!(plain.apply(-1e300), -CUT_OFF as f32);
    }
}
