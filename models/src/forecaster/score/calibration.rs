//! One factor on the scale of a forecaster, so that its intervals hold on rows its weights were not fitted on.

use super::StudentT;
use super::minimise::minimise;

/// The factor on the scale with the lowest mean CRPS on validation rows (pairs of forecast and outcome), between ¼ and 4;
/// 1 without usable rows.
///
/// The mean CRPS has one minimum in the logarithm of the scale.
pub fn scale_factor(rows: &[(StudentT, f64)]) -> f64 {
    let usable: Vec<_> = rows.iter().filter(|(t, y)| t.is_proper() && y.is_finite()).collect();
    if usable.is_empty() {
        return 1.0;
    }
    let loss = |log_factor: f64| -> f64 {
        let factor = log_factor.exp();
        usable.iter().map(|(t, y)| StudentT { scale: t.scale * factor, ..*t }.crps(*y)).sum()
    };
    minimise(0.25f64.ln(), 4f64.ln(), loss).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_that_is_off_is_put_right() {
        let truth = StudentT { location: 0.0, scale: 1.0, degrees: 6.0 };
        let outcomes: Vec<f64> = (1..400).map(|i| truth.quantile(f64::from(i) / 400.0)).collect();
        for off in [0.5, 1.0, 2.5] {
            let forecast = StudentT { scale: off, ..truth };
            let rows: Vec<_> = outcomes.iter().map(|y| (forecast, *y)).collect();
            let factor = scale_factor(&rows);
            assert!((factor * off - 1.0).abs() < 0.02, "{off}: {factor}");
        }
        assert_eq!(scale_factor(&[]), 1.0);
        assert_eq!(scale_factor(&[(StudentT { scale: f64::NAN, ..truth }, 0.0)]), 1.0);
    }
}
