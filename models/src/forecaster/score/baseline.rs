//! What every version has to beat: forecasts that need no model.

use chrono::NaiveDate;
use common::losses::Contestant;

use super::shape::Shape;
use super::{Entrant, StudentT};
use crate::forecaster::dataset::Row;

/// The two baselines, with EWMA(0.94) volatility known when the forecast is made.
///
/// They know the shape of returns as well as a forecaster does (Student-t, fitted on the same training rows): a forecaster is not
/// to be credited with the fat tails of the market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baselines {
    /// Mean log-return of the training rows: what "drift" forecasts.
    pub drift: f64,
    /// Distribution of returns in units of volatility.
    pub shape: Shape,
}

impl Baselines {
    /// Measures drift and shape on training rows; without any, 0 and nearly normal.
    pub fn fit(train: &[Row]) -> Self {
        let sum: f64 = train.iter().map(|row| row.log_return).sum();
        let targets: Vec<f64> = train.iter().map(|row| row.log_return / row.sigma).collect();
        Self { drift: sum / train.len().max(1) as f64, shape: Shape::fit(&targets) }
    }

    /// "Tomorrow's price is today's".
    pub fn no_change(&self, row: &Row) -> StudentT {
        self.shape.around(0.0, row.sigma)
    }

    /// "The price goes on growing as it did on the training rows".
    pub fn drift(&self, row: &Row) -> StudentT {
        self.shape.around(self.drift, row.sigma)
    }

    /// Both baselines as contestants on these rows. `fitted_through` is the last target they were fitted on.
    pub fn entrants(&self, rows: &[Row], fitted_through: Option<NaiveDate>) -> [Entrant; 2] {
        let entrant = |contestant, of: fn(&Self, &Row) -> StudentT| Entrant {
            contestant,
            seen_through: fitted_through,
            forecasts: rows.iter().map(|row| of(self, row)).collect(),
        };
        [entrant(Contestant::NoChange, Self::no_change), entrant(Contestant::Drift, Self::drift)]
    }

    /// The baseline with the lower mean CRPS on validation rows: the one that counts. Ties go to "no change".
    pub fn hardest(&self, validation: &[Row]) -> Contestant {
        let total = |of: fn(&Self, &Row) -> StudentT| -> f64 {
            validation.iter().map(|row| of(self, row).crps(row.log_return)).sum()
        };
        if total(Self::drift) < total(Self::no_change) { Contestant::Drift } else { Contestant::NoChange }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(log_return: f64) -> Row {
        Row { date: NaiveDate::default(), symbol: 1, start: 0, sigma: 0.01, log_return }
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
