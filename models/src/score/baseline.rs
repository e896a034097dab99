//! What every version has to beat: forecasts that need no model.

use common::losses::Contestant;

use super::{Entrant, Normal, Predictive};
use crate::dataset::Row;

/// The two baselines, both normal with EWMA(0.94) volatility known when the forecast is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baselines {
    /// Mean log-return of the training rows: what "drift" forecasts.
    pub drift: f64,
}

impl Baselines {
    /// Measures the drift on training rows; 0 if there are none.
    pub fn fit(train: &[Row]) -> Self {
        let sum: f64 = train.iter().map(|row| row.log_return).sum();
        Self { drift: sum / train.len().max(1) as f64 }
    }

    /// "Tomorrow's price is today's".
    pub fn no_change(&self, row: &Row) -> Predictive {
        Normal { mean: 0.0, deviation: row.sigma }.into()
    }

    /// "The price goes on growing as it did on the training rows".
    pub fn drift(&self, row: &Row) -> Predictive {
        Normal { mean: self.drift, deviation: row.sigma }.into()
    }

    /// Both baselines as contestants on these rows. `fitted_through` is the last target the drift was measured on.
    pub fn entrants(&self, rows: &[Row], fitted_through: Option<chrono::NaiveDate>) -> [Entrant; 2] {
        let forecasts = |of: fn(&Self, &Row) -> Predictive| rows.iter().map(|row| of(self, row)).collect();
        [
            Entrant { contestant: Contestant::NoChange, seen_through: None, forecasts: forecasts(Self::no_change) },
            Entrant { contestant: Contestant::Drift, seen_through: fitted_through, forecasts: forecasts(Self::drift) },
        ]
    }

    /// The baseline with the lower mean CRPS on validation rows: the one that counts. Ties go to "no change".
    pub fn hardest(&self, validation: &[Row]) -> Contestant {
        let total = |forecast: &dyn Fn(&Row) -> Predictive| -> f64 {
            validation.iter().map(|row| forecast(row).crps(row.log_return)).sum()
        };
        if total(&|row| self.drift(row)) < total(&|row| self.no_change(row)) {
            Contestant::Drift
        } else {
            Contestant::NoChange
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(log_return: f64) -> Row {
        Row { date: chrono::NaiveDate::default(), symbol: 1, start: 0, sigma: 0.01, log_return }
    }

    #[test]
    fn the_hardest_baseline_is_chosen_on_validation_rows() {
        let rising: Vec<Row> = (0..50).map(|i| row(0.01 + 0.001 * f64::from(i % 3))).collect();
        let falling: Vec<Row> = rising.iter().map(|r| row(-r.log_return)).collect();
        let baselines = Baselines::fit(&rising);
        assert!((baselines.drift - 0.01).abs() < 2e-3);
        assert_eq!(baselines.hardest(&rising), Contestant::Drift);
        assert_eq!(baselines.hardest(&falling), Contestant::NoChange);
        assert_eq!(Baselines::fit(&[]).hardest(&[]), Contestant::NoChange);
    }
}
