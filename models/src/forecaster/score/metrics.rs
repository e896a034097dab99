//! The figures of one contestant.

use common::vocabulary::{ContestantMetrics, figures};

use super::StudentT;
use super::evaluate::{Entrant, Outcome, UNUSABLE};

/// Its figures on these outcomes, as many as forecasts. What is not finite becomes [`UNUSABLE`].
pub(super) fn metrics(entrant: &Entrant, outcomes: &[Outcome]) -> ContestantMetrics {
    let mean = |of: &dyn Fn(&StudentT, f64) -> f64| {
        let sum: f64 = entrant.forecasts.iter().zip(outcomes).map(|(f, o)| of(f, o.log_return)).sum();
        sum / outcomes.len() as f64
    };
    // An outcome lies in the central interval of share p exactly if |2 F(y) − 1| ≤ p.
    let coverage = |share: f64| mean(&|f, y| f64::from((2.0 * f.cdf(y) - 1.0).abs() <= share));
    let (error, naive_error) = (mean(&|f, y| (y - f.location).abs()), mean(&|_, y| y.abs()));
    let usable = |figure: f64| if figure.is_finite() { figure } else { UNUSABLE };
    ContestantMetrics {
        contestant: entrant.contestant,
        loss: usable(mean(&|f, y| f.crps(y))),
        figures: [
            (figures::RMSE, usable(mean(&|f, y| (y - f.location).powi(2)).sqrt())),
            // Prices that never moved: "no change" is perfect, and so is whoever says the same.
            (figures::MASE, if error == naive_error { 1.0 } else { usable(error / naive_error) }),
            (figures::COVERAGE_50, coverage(0.5)),
            (figures::COVERAGE_80, coverage(0.8)),
            (figures::COVERAGE_95, coverage(0.95)),
        ]
        .map(|(name, figure)| (name.to_owned(), figure))
        .into(),
    }
}

/// Counts of F(y) in ten equal bins: flat if the distributions are right.
pub(super) fn pit(entrant: &Entrant, outcomes: &[Outcome]) -> [u64; 10] {
    let mut bins = [0; 10];
    for (forecast, outcome) in entrant.forecasts.iter().zip(outcomes) {
        let u = forecast.cdf(outcome.log_return);
        if u.is_finite() {
            bins[((u * 10.0) as usize).min(9)] += 1;
        }
    }
    bins
}

/// Whether every forecast and every loss is a finite number.
pub(super) fn all_finite(entrant: &Entrant, outcomes: &[Outcome]) -> bool {
    let finite = |(f, o): (&StudentT, &Outcome)| f.location.is_finite() && f.crps(o.log_return).is_finite();
    entrant.forecasts.iter().zip(outcomes).all(finite)
}

/// Whether the forecasts are not all the same.
pub(super) fn varies(entrant: &Entrant) -> bool {
    entrant.forecasts.windows(2).any(|pair| pair[0] != pair[1])
}
