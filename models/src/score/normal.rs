//! The normal distribution the baselines forecast with.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Continuous, ContinuousCDF, Normal as Reference};
use std::f64::consts::PI;

/// A normal distribution of the next log-return. Improper parameters give NaN.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Normal {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, above 0.
    pub deviation: f64,
}

impl Normal {
    /// Probability of an outcome of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.proper().map_or(f64::NAN, |n| n.cdf(x))
    }

    /// Continuous ranked probability score of the outcome `y` (Gneiting and Raftery 2007, eq. 21):
    /// `σ [ z (2Φ(z) − 1) + 2φ(z) − 1/√π ]` with `z = (y − μ)/σ`.
    pub fn crps(&self, y: f64) -> f64 {
        let Some(normal) = self.proper() else { return f64::NAN };
        let z = (y - self.mean) / self.deviation;
        let density = normal.pdf(y) * self.deviation;
        self.deviation * (z * (2.0 * normal.cdf(y) - 1.0) + 2.0 * density - 1.0 / PI.sqrt())
    }

    fn proper(&self) -> Option<Reference> {
        if !(self.mean.is_finite() && self.deviation.is_finite()) {
            return None;
        }
        Reference::new(self.mean, self.deviation).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crps_of_the_standard_normal_at_its_mean() {
        // 2φ(0) − 1/√π = √(2/π) − 1/√π
        let normal = Normal { mean: 0.0, deviation: 1.0 };
        assert!((normal.crps(0.0) - 0.233_694_977).abs() < 1e-9);
        let wide = Normal { mean: 3.0, deviation: 2.0 };
        assert!((wide.crps(3.0) - 2.0 * normal.crps(0.0)).abs() < 1e-12);
        assert!(Normal { mean: 0.0, deviation: 0.0 }.crps(0.0).is_nan());
    }
}
