//! Volatility as an exponentially weighted moving average, the way RiskMetrics (1996) does it for daily returns.

/// Weight of yesterday's estimate.
pub const DECAY: f64 = 0.94;

/// Below this (0.01 % a day) a volatility is not believed: a suspended stock would otherwise divide by zero.
pub const FLOOR: f64 = 1e-4;

/// The volatility known at the end of each day: `σ²ₜ = Σ 0.94ᵏ r²ₜ₋ₖ / Σ 0.94ᵏ`, floored.
///
/// Dividing by the sum of the weights makes the first days usable without borrowing later returns to start from.
pub fn volatility(log_returns: &[f64]) -> Vec<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    log_returns
        .iter()
        .map(|r| {
            sum = DECAY * sum + r * r;
            weights = DECAY * weights + 1.0;
            (sum / weights).sqrt().max(FLOOR)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_recursion() {
        let constant = volatility(&[0.02; 30]);
        assert!(constant.iter().all(|v| (v - 0.02).abs() < 1e-12));
        let two = volatility(&[0.01, -0.03]);
        let expected = ((0.94 * 0.01f64.powi(2) + 0.03f64.powi(2)) / 1.94).sqrt();
        assert!((two[1] - expected).abs() < 1e-15);
        assert_eq!(volatility(&[0.0, 0.0]), [FLOOR, FLOOR]);
    }

    #[test]
    fn later_returns_change_nothing_before_them() {
        let (a, b) = (volatility(&[0.01, 0.02, 0.5]), volatility(&[0.01, 0.02, -0.1]));
        assert_eq!(a[..2], b[..2]);
        assert_ne!(a[2], b[2]);
    }
}
