//! One forecast from a loaded version and the newest bars.

use common::bars::Bar;
use common::vocabulary::Symbol;
use common::wire::Forecast;

use crate::error::TrainError;
use crate::forecaster::Model;
use crate::forecaster::features::rows::embedding_row;
use crate::forecaster::features::{ForecastInput, forecast_input};
use crate::forecaster::score::StudentT;
use crate::forecaster::training::in_returns;

/// Below this confidence a forecast has no direction.
const DEAD_BAND: f64 = 0.02;

impl Model {
    /// The distribution of the next log-return of `symbol` after `bars` (oldest first, the more the better: recent volatility
    /// needs a history). A symbol the version does not know is forecast by its `unknown` row, if it has one.
    ///
    /// # Errors
    /// [`TrainError::Data`]: too few bars, bars that cannot be used, or a symbol this version was not made for.
    pub(crate) fn forecast(&mut self, symbol: &Symbol, bars: &[Bar]) -> Result<Forecast, TrainError> {
        let known = embedding_row(symbol, &self.symbols);
        if known == 0 && self.preprocessing.network.symbols == 0 {
            let own = self.symbols.iter().map(Symbol::to_string).collect::<Vec<_>>().join(", ");
            return Err(TrainError::Data(format!("the forecaster of {own} does not forecast {symbol}")));
        }
        let ForecastInput { window, sigma } = forecast_input(&self.preprocessing.inputs, symbol, bars)?;
        let answer = self.answer(known, &window)?;
        Ok(describe(&in_returns(&answer, sigma, self.preprocessing.calibration)))
    }
}

/// A distribution of the next log-return, in the words of a forecast.
fn describe(t: &StudentT) -> Forecast {
    let change = |log_return: f64| 100.0 * log_return.exp_m1();
    let p_up = t.p_up();
    let confidence = (2.0 * p_up - 1.0).abs();
    let direction = match () {
        () if confidence < DEAD_BAND => "neutral",
        () if p_up > 0.5 => "up",
        () => "down",
    };
    Forecast {
        location: t.location,
        scale: t.scale,
        degrees: t.degrees,
        p_up,
        confidence,
        direction: direction.into(),
        change_percent: change(t.location),
        interval_percent: (change(t.quantile(0.1)), change(t.quantile(0.9))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_confidence_and_interval_come_from_one_distribution() {
        let t = StudentT { location: 0.004, scale: 0.01, degrees: 5.0 };
        let up = describe(&t);
        assert_eq!(up.direction, "up");
        assert!((up.confidence - (2.0 * up.p_up - 1.0)).abs() < 1e-12 && up.p_up > 0.6);
        assert!((up.change_percent - 0.4008).abs() < 1e-4);
        assert!(up.interval_percent.0 < 0.0 && up.interval_percent.1 > up.change_percent);
        assert_eq!(describe(&StudentT { location: -0.004, ..t }).direction, "down");
        assert_eq!(describe(&StudentT { location: 0.000_1, ..t }).direction, "neutral");
    }
}
