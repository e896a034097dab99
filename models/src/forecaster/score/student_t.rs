//! The Student-t distribution with location and scale: what a forecaster says about the next log-return.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};
use statrs::function::beta::ln_beta;

/// A Student-t distribution of the next log-return.
///
/// Parameters that are not proper (see [`Self::is_proper`]) give NaN everywhere, never a panic: a diverged training is
/// recorded as such, not lost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StudentT {
    /// Its centre, and its mean.
    pub location: f64,
    /// Its scale, above 0.
    pub scale: f64,
    /// Its degrees of freedom, above 1 so that mean and CRPS exist.
    pub degrees: f64,
}

impl StudentT {
    /// Whether all parameters are finite and in range.
    pub fn is_proper(&self) -> bool {
        self.location.is_finite()
            && self.scale.is_finite()
            && self.scale > 0.0
            && self.degrees.is_finite()
            && self.degrees > 1.0
    }

    /// Logarithm of the density at `x`, nats.
    pub fn ln_pdf(&self, x: f64) -> f64 {
        self.proper().map_or(f64::NAN, |t| t.ln_pdf(x))
    }

    /// Probability of an outcome of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.proper().map_or(f64::NAN, |t| t.cdf(x))
    }

    /// The value that an outcome stays below with probability `p`; NaN outside 0 to 1.
    pub fn quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        self.proper().map_or(f64::NAN, |t| t.inverse_cdf(p))
    }

    /// Probability that the outcome is above 0: that the price rises.
    pub fn p_up(&self) -> f64 {
        1.0 - self.cdf(0.0)
    }

    /// Continuous ranked probability score of the outcome `y`; lower is better, in the unit of `y`.
    ///
    /// Jordan, Krüger and Lerch (2019), "Evaluating probabilistic forecasts with scoringRules", J. Stat. Software 90(12),
    /// appendix A: for z = (y − location) / scale,
    /// `z (2F(z) − 1) + 2 f(z) (ν + z²)/(ν − 1) − 2√ν/(ν − 1) · B(½, ν − ½) / B(½, ν/2)²`, times the scale.
    pub fn crps(&self, y: f64) -> f64 {
        let Some(t) = self.proper() else { return f64::NAN };
        let (nu, z) = (self.degrees, (y - self.location) / self.scale);
        let density = t.pdf(y) * self.scale;
        let spread = 2.0 * nu.sqrt() / (nu - 1.0) * (ln_beta(0.5, nu - 0.5) - 2.0 * ln_beta(0.5, nu / 2.0)).exp();
        self.scale * (z * (2.0 * t.cdf(y) - 1.0) + 2.0 * density * (nu + z * z) / (nu - 1.0) - spread)
    }

    fn proper(&self) -> Option<StudentsT> {
        if !self.is_proper() {
            return None;
        }
        StudentsT::new(self.location, self.scale, self.degrees).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition of CRPS by the trapezoid rule, on either side of `y` (where the integrand jumps), over ±200 scales.
    fn crps_by_integration(t: &StudentT, y: f64) -> f64 {
        let half = |end: f64, of: &dyn Fn(f64) -> f64| {
            let steps = 100_000;
            let step = (end - y) / f64::from(steps);
            let inner: f64 = (1..steps).map(|i| of(y + step * f64::from(i))).sum();
            (inner + (of(y) + of(end)) / 2.0) * step.abs()
        };
        let reach = 200.0 * t.scale;
        half(t.location - reach, &|x| t.cdf(x).powi(2)) + half(t.location + reach, &|x| (1.0 - t.cdf(x)).powi(2))
    }

    #[test]
    fn crps_agrees_with_numerical_integration() {
        for (location, scale, degrees, y) in
            [(0.0, 1.0, 3.0, 0.3), (0.5, 2.0, 5.0, -3.0), (-0.001, 0.02, 8.0, 0.05), (0.0, 1.0, 200.0, 1.0)]
        {
            let t = StudentT { location, scale, degrees };
            let integral = crps_by_integration(&t, y);
            assert!((t.crps(y) - integral).abs() < 1e-5 * scale, "{t:?} at {y}: {} against {integral}", t.crps(y));
        }
    }

    #[test]
    fn many_degrees_of_freedom_are_a_normal() {
        // The standard normal at its mean: 2φ(0) − 1/√π (Gneiting and Raftery 2007, eq. 21).
        let t = StudentT { location: 0.1, scale: 1.5, degrees: 1e6 };
        assert!((t.crps(0.1) - 1.5 * 0.233_694_977).abs() < 1e-5);
    }

    #[test]
    fn improper_parameters_give_nan_not_a_panic() {
        for t in [
            StudentT { location: f64::NAN, scale: 1.0, degrees: 5.0 },
            StudentT { location: 0.0, scale: 0.0, degrees: 5.0 },
            StudentT { location: 0.0, scale: 1.0, degrees: 1.0 },
            StudentT { location: 0.0, scale: f64::INFINITY, degrees: 5.0 },
        ] {
            assert!(!t.is_proper() && t.crps(0.1).is_nan() && t.cdf(0.1).is_nan() && t.ln_pdf(0.1).is_nan());
            assert!(t.quantile(0.5).is_nan());
        }
    }

    proptest! {
        #[test]
        fn quantile_inverts_cdf(location in -1.0..1.0, scale in 0.001..3.0, degrees in 3.0..60.0, p in 0.01..0.99) {
            let t = StudentT { location, scale, degrees };
            prop_assert!((t.cdf(t.quantile(p)) - p).abs() < 1e-7);
        }

        #[test]
        fn crps_is_smallest_for_the_true_location(degrees in 3.0..60.0, miss in 0.1..5.0) {
            let at = |location| StudentT { location, scale: 1.0, degrees }.crps(0.0);
            prop_assert!(at(0.0) < at(miss) && (at(miss) - at(-miss)).abs() < 1e-9);
        }
    }
}
