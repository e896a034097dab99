//! How far predictions are to be trusted beyond one that knows nothing, by what rows show that they were not fitted on.

/// However little is shown, so much of a prediction's distance to the baseline stays: who has learnt nothing is to say so by
/// figures, not by an answer that never moves.
pub(crate) const LEAST: f64 = 0.05;

/// The weighted mean of some values, and its standard error.
pub(crate) fn mean_and_error(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let mean = values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / total;
    let squares = values.iter().zip(weights).map(|(value, weight)| (weight * (value - mean) / total).powi(2));
    (mean, squares.sum::<f64>().sqrt())
}

/// The share of their distance to the baseline that predictions keep: t² / (1 + t²), where t is what they gain on it, in standard
/// errors, and [`LEAST`] at least; a heuristic in the form of Thompson's shrinkage of a mean towards a point (1968). Where nothing is to
/// be learnt, noise would cost more than it brings. `gains`: loss of the baseline − loss of the prediction, for each independent unit.
/// `fitted`: so many parameters were fitted to these very rows; of a log loss in nats each has brought one that other rows will not
/// (Akaike, 1974).
pub(crate) fn trust(gains: &[f64], weights: &[f64], fitted: f64) -> f64 {
    let total: f64 = weights.iter().sum();
    let units = total * total / weights.iter().map(|weight| weight * weight).sum::<f64>();
    // One unit has no spread to measure; NaN where there is none at all.
    if units.is_nan() || units < 2.0 {
        return LEAST;
    }
    let (mean, error) = mean_and_error(gains, weights);
    let error = error * (units / (units - 1.0)).sqrt();
    let t = (mean - fitted / units).max(0.0) / error.max(f64::MIN_POSITIVE);
    // Written so that a gain without any spread is beyond doubt, and none is nothing.
    (1.0 / (1.0 + t.powi(-2))).clamp(LEAST, 1.0)
}

/// Entire trust: of versions that were made before it was measured.
pub(crate) fn entire() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_no_gain_is_not_trusted() {
        let gains = |mean: f64| (0..400).map(|row| mean + (f64::from(row) * 1.7).sin()).collect::<Vec<_>>();
        let weights = vec![1.0; 400];
        assert!(trust(&gains(1.0), &weights, 0.0) > 0.95);
        assert_eq!([trust(&gains(0.0), &weights, 0.0), trust(&gains(-1.0), &weights, 0.0)], [LEAST; 2]);
        let little = trust(&gains(0.05), &weights, 0.0);
        assert!((0.4..0.8).contains(&little), "{little}: a gain of a standard error and a half");
        assert_eq!([trust(&[1.0; 4], &[1.0; 4], 0.0), trust(&[0.0; 4], &[1.0; 4], 0.0)], [1.0, LEAST]);
    }

    /// A gain of 20 nats in all is one of 18 where two parameters were fitted; one of 2 nats is none.
    #[test]
    fn what_was_fitted_is_paid_for() {
        let gains: Vec<f64> = (0..400).map(|row| 0.05 + (f64::from(row) * 1.7).sin()).collect();
        let less: Vec<f64> = gains.iter().map(|gain| gain - 0.005).collect();
        let weights = vec![1.0; 400];
        assert!((trust(&gains, &weights, 2.0) - trust(&less, &weights, 0.0)).abs() < 1e-12);
        assert_eq!(trust(&vec![0.004; 400], &weights, 2.0), LEAST);
    }

    /// A row of triple weight is one observation that counts three times.
    #[test]
    fn weights_count() {
        let (mean, error) = mean_and_error(&[1.0, 3.0], &[3.0, 1.0]);
        assert!((mean - 1.5).abs() < 1e-12 && (error - 0.530_330_085).abs() < 1e-9, "{mean} {error}");
        assert_eq!(
            [trust(&[9.0], &[1.0], 0.0), trust(&[9.0, 8.0], &[9.0, 1.0], 0.0), trust(&[], &[], 0.0)],
            [LEAST; 3]
        );
    }
}
