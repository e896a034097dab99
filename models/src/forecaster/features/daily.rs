//! Daily bars as numbers that mean the same for every symbol and every year.

use chrono::NaiveDate;
use common::bars::Bar;
use common::vocabulary::{Symbol, WARM_UP_BARS};

use super::{DataError, ewma};

/// Inputs per bar.
pub const FEATURES: usize = 5;

/// Their names, in order.
pub const FEATURE_NAMES: [&str; FEATURES] = ["return", "gap", "range", "close_position", "volume_change"];

/// The first bar of a series that has features; those before it only warm up the volatility.
pub const FIRST_FEATURE: usize = WARM_UP_BARS as usize;

/// One symbol's bars, digested. All four columns are as long as the bars; every value knows only its own day and earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub struct DailySeries {
    /// The symbol that the days are of.
    pub symbol: Symbol,
    /// The trading days, rising.
    pub dates: Vec<NaiveDate>,
    /// Log-return from the day before, adjusted for splits and dividends; 0 on the first day.
    pub log_returns: Vec<f64>,
    /// EWMA(0.94) volatility at the end of each day, per day.
    pub volatility: Vec<f64>,
    /// The inputs, unscaled, in the order of [`FEATURE_NAMES`]; zeros before [`FIRST_FEATURE`].
    pub features: Vec<[f64; FEATURES]>,
}

impl DailySeries {
    /// Digests bars, oldest first.
    ///
    /// Per bar: return, overnight gap and range, each in units of the volatility of the day before (so that a calm and a wild
    /// year look alike); the close's place between low and high, −1 to 1; the log-change of volume. Opens, highs and lows are
    /// adjusted by `adj_close / close`, so a split is not a crash.
    ///
    /// # Errors
    /// A price that is not a positive number, or dates out of order.
    pub fn new(symbol: Symbol, bars: &[Bar]) -> Result<Self, DataError> {
        check(&symbol, bars)?;
        let mut log_returns = vec![0.0; bars.len()];
        for (i, pair) in bars.windows(2).enumerate() {
            log_returns[i + 1] = (pair[1].adj_close / pair[0].adj_close).ln();
        }
        // The first day has no return: its volatility is only the floor, and it weighs nothing in later ones.
        let mut volatility = vec![ewma::FLOOR; bars.len().min(1)];
        volatility.extend(ewma::volatility(log_returns.get(1..).unwrap_or_default()));
        let features = (0..bars.len())
            .map(|i| match i.checked_sub(1) {
                Some(before) if i >= FIRST_FEATURE => features(&bars[before], &bars[i], volatility[before]),
                _ => [0.0; FEATURES],
            })
            .collect();
        Ok(Self { symbol, dates: bars.iter().map(|bar| bar.date).collect(), log_returns, volatility, features })
    }

    /// How many bars.
    pub fn len(&self) -> usize {
        self.dates.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.dates.is_empty()
    }
}

fn features(before: &Bar, bar: &Bar, volatility: f64) -> [f64; FEATURES] {
    let adjusted_open = bar.open * bar.adj_close / bar.close;
    let spread = bar.high - bar.low;
    [
        (bar.adj_close / before.adj_close).ln() / volatility,
        (adjusted_open / before.adj_close).ln() / volatility,
        (bar.high / bar.low).ln() / volatility,
        if spread > 0.0 { ((2.0 * bar.close - bar.high - bar.low) / spread).clamp(-1.0, 1.0) } else { 0.0 },
        (bar.volume + 1.0).ln() - (before.volume + 1.0).ln(),
    ]
}

fn check(symbol: &Symbol, bars: &[Bar]) -> Result<(), DataError> {
    for bar in bars {
        let prices = [
            ("open", bar.open),
            ("high", bar.high),
            ("low", bar.low),
            ("close", bar.close),
            ("adj_close", bar.adj_close),
        ];
        let bad_price = prices.into_iter().find(|(_, value)| !(value.is_finite() && *value > 0.0));
        let bad_volume = (!(bar.volume.is_finite() && bar.volume >= 0.0)).then_some(("volume", bar.volume));
        if let Some((field, value)) = bad_price.or(bad_volume) {
            return Err(DataError::NotAPrice { symbol: symbol.clone(), date: bar.date, field, value });
        }
    }
    match bars.windows(2).find(|pair| pair[1].date <= pair[0].date) {
        Some(pair) => Err(DataError::NotInOrder { symbol: symbol.clone(), date: pair[1].date }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecaster::features::testing::{random_walk, symbol};

    #[test]
    fn a_split_is_not_a_crash() {
        let plain = random_walk(1, 60);
        let mut split = plain.clone();
        // Two for one on day 40: raw prices of the days before are twice as high, adjusted ones are the same.
        for bar in &mut split[..40] {
            (bar.open, bar.high, bar.low, bar.close) = (bar.open * 2.0, bar.high * 2.0, bar.low * 2.0, bar.close * 2.0);
        }
        let (a, b) = (DailySeries::new(symbol(), &plain).unwrap(), DailySeries::new(symbol(), &split).unwrap());
        for (x, y) in a.features.iter().flatten().zip(b.features.iter().flatten()) {
            assert!((x - y).abs() < 1e-9);
        }
    }

    #[test]
    fn features_do_not_depend_on_the_price_level() {
        let bars = random_walk(2, 60);
        let dear: Vec<Bar> = bars
            .iter()
            .map(|b| Bar {
                open: b.open * 8.0,
                high: b.high * 8.0,
                low: b.low * 8.0,
                close: b.close * 8.0,
                adj_close: b.adj_close * 8.0,
                ..*b
            })
            .collect();
        assert_eq!(DailySeries::new(symbol(), &bars), DailySeries::new(symbol(), &dear));
    }

    #[test]
    fn returns_of_the_features_are_those_of_the_prices() {
        let bars = random_walk(3, 50);
        let series = DailySeries::new(symbol(), &bars).unwrap();
        let i = 45;
        assert_eq!(series.log_returns[i], (bars[i].adj_close / bars[i - 1].adj_close).ln());
        assert_eq!(series.features[i][0], series.log_returns[i] / series.volatility[i - 1]);
        assert_eq!(series.features[FIRST_FEATURE - 1], [0.0; FEATURES]);
        assert!(series.features[FIRST_FEATURE].iter().any(|x| *x != 0.0));
        assert!(series.features.iter().flatten().all(|x| x.is_finite()));
    }

    #[test]
    fn bars_that_make_no_sense_are_refused_by_name() {
        let mut bars = random_walk(4, 50);
        bars[7].low = f64::NAN;
        let refused = DailySeries::new(symbol(), &bars).unwrap_err().to_string();
        assert!(refused.contains("low = NaN") && refused.contains(&bars[7].date.to_string()), "{refused}");
        bars[7].low = bars[7].high;
        bars[9].date = bars[8].date;
        assert!(matches!(DailySeries::new(symbol(), &bars), Err(DataError::NotInOrder { .. })));
        assert!(DailySeries::new(symbol(), &[]).unwrap().is_empty());
    }
}
