//! What returns look like in units of recent volatility, whatever their direction: the distribution the baselines forecast.

use std::f64::consts::LN_2;

use super::StudentT;
use super::minimise::minimise;

/// Scale and tails of a Student-t around 0, in units of recent volatility.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Its scale, above 0.
    pub scale: f64,
    /// Its degrees of freedom, at least 3, as for a forecaster.
    pub degrees: f64,
}

impl Shape {
    /// Degrees of freedom tried; between neighbours the likelihood hardly differs.
    const DEGREES: [f64; 10] = [3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 12.0, 20.0, 50.0, 200.0];

    /// The most likely shape of these returns, given in units of recent volatility. Without any, nearly a standard normal.
    pub fn fit(targets: &[f64]) -> Self {
        let fitted = Self::DEGREES.map(|degrees| {
            let loss = |log_scale: f64| Self { scale: log_scale.exp(), degrees }.loss(targets);
            // Between 1/16 and 16.
            let log_scale = if targets.is_empty() { 0.0 } else { minimise(-4.0 * LN_2, 4.0 * LN_2, loss) };
            (Self { scale: log_scale.exp(), degrees }, loss(log_scale))
        });
        let normal = Self { scale: 1.0, degrees: Self::DEGREES[Self::DEGREES.len() - 1] };
        fitted
            .into_iter()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|_| !targets.is_empty())
            .map_or(normal, |best| best.0)
    }

    /// The distribution of the next log-return around `location`, with recent volatility `sigma`.
    pub fn around(&self, location: f64, sigma: f64) -> StudentT {
        StudentT { location, scale: self.scale * sigma, degrees: self.degrees }
    }

    /// Negative log-likelihood, nats: the density at the centre once, the rest row by row.
    fn loss(&self, targets: &[f64]) -> f64 {
        let centre = self.around(0.0, 1.0).ln_pdf(0.0);
        let tail: f64 = targets.iter().map(|y| ((y / self.scale).powi(2) / self.degrees).ln_1p()).sum();
        (self.degrees + 1.0) / 2.0 * tail - targets.len() as f64 * centre
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_a_sample_is_found() {
        for (scale, degrees) in [(0.8, 4.0), (1.3, 8.0), (1.0, 200.0)] {
            let truth = StudentT { location: 0.0, scale, degrees };
            let sample: Vec<f64> = (1..2000).map(|i| truth.quantile(f64::from(i) / 2000.0)).collect();
            let fitted = Shape::fit(&sample);
            assert!((fitted.scale / scale - 1.0).abs() < 0.03, "{fitted:?}");
            assert!((degrees / fitted.degrees).ln().abs() < 0.5 || fitted.degrees.min(degrees) >= 50.0, "{fitted:?}");
        }
        assert_eq!(Shape::fit(&[]), Shape { scale: 1.0, degrees: 200.0 });
    }

    #[test]
    fn the_loss_is_that_of_the_density() {
        let (shape, targets) = (Shape { scale: 0.7, degrees: 5.0 }, [0.3, -1.2, 4.0]);
        let exact: f64 = targets.iter().map(|y| -shape.around(0.0, 1.0).ln_pdf(*y)).sum();
        assert!((shape.loss(&targets) - exact).abs() < 1e-12);
    }
}
