//! Losses of two contestants, summed by unit: what is drawn again and again when rows of one unit belong together.
//!
//! The relative difference of loss is a ratio of sums over units. Its interval is that of a cluster bootstrap (percentiles of
//! whole units drawn with replacement; Efron and Tibshirani 1993), with draws that depend on nothing but the losses' number. With
//! very many units, where bootstrap and normal approximation agree, the latter: a ratio's variance by linearisation (Cochran 1977).

use std::collections::BTreeMap;

use common::losses::{Contestant, RowLosses};
use common::random::{Purpose, Stream};
use statrs::distribution::{ContinuousCDF, Normal};

use super::{Comparison, MeanEstimate};

/// Draws of the bootstrap.
const DRAWS: usize = 2_000;
/// From so many units on, the normal approximation.
const MANY: usize = 20_000;

/// Sums of losses, a pair for each unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Units {
    /// Of the model and of the reference, on the same rows of one unit.
    sums: Vec<(f64, f64)>,
}

impl Units {
    /// Pairs two contestants over the rows where both were scored; empty if there are none.
    pub fn pair(losses: &RowLosses, model: Contestant, reference: Contestant) -> Self {
        let mut units: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for row in &losses.0 {
            if let (Some(a), Some(b)) = (row.of(model), row.of(reference)) {
                let (sum_a, sum_b) = units.entry(&row.unit).or_default();
                *sum_a += a.loss;
                *sum_b += b.loss;
            }
        }
        Self { sums: units.into_values().collect() }
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The relative difference of loss, model against reference, and how sure it is; absent under three units, where the
    /// reference has no positive loss, or a figure is not finite.
    pub fn estimate(&self) -> Option<MeanEstimate> {
        let rows = self.sums.len();
        let (a, b) = self.totals();
        if rows < 3 || !(b > 0.0 && a.is_finite() && b.is_finite()) {
            return None;
        }
        let (n, ratio) = (rows as f64, a / b);
        let squares: f64 = self.sums.iter().map(|(a, b)| (a - ratio * b).powi(2)).sum();
        Some(MeanEstimate { mean: ratio - 1.0, standard_error: (squares * n / (n - 1.0)).sqrt() / b, rows })
    }

    /// Compares the two; absent where [`Self::estimate`] is. `alpha`: chance of error, above 0 and below 1.
    pub fn compare(&self, alpha: f64) -> Option<Comparison> {
        let MeanEstimate { mean: difference, standard_error, rows } = self.estimate()?;
        let [low, high, bound] = if rows >= MANY {
            let normal = Normal::new(difference, standard_error.max(f64::MIN_POSITIVE)).ok()?;
            [alpha / 2.0, 1.0 - alpha / 2.0, 1.0 - alpha].map(|share| normal.inverse_cdf(share))
        } else {
            let draws = self.draws();
            [alpha / 2.0, 1.0 - alpha / 2.0, 1.0 - alpha].map(|share| quantile(&draws, share))
        };
        Some(Comparison { difference, low, high, bound, rows })
    }

    fn totals(&self) -> (f64, f64) {
        self.sums.iter().fold((0.0, 0.0), |(a, b), (more_a, more_b)| (a + more_a, b + more_b))
    }

    /// Relative differences of resampled units, sorted.
    fn draws(&self) -> Vec<f64> {
        let mut stream = Stream::new(self.sums.len() as u64, Purpose::Bootstrap, 0, 0);
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let mut totals = (0.0, 0.0);
                for _ in 0..self.sums.len() {
                    let (a, b) = self.sums[stream.below(self.sums.len())];
                    totals = (totals.0 + a, totals.1 + b);
                }
                totals.0 / totals.1 - 1.0
            })
            .filter(|difference| difference.is_finite())
            .collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }
}

/// The quantile of sorted values, between its neighbours; NaN without values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    match (sorted.get(below), sorted.get(above)) {
        (Some(low), Some(high)) => low + (high - low) * place.fract(),
        (None, _) | (_, None) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use common::losses::{LossRow, Scored};

    use super::*;

    fn losses(rows: impl IntoIterator<Item = (String, f64, f64)>) -> RowLosses {
        let scored = |loss| Scored { loss, prediction: 0.0 };
        let row = |(index, (unit, a, b)): (usize, (String, f64, f64))| LossRow {
            date: NaiveDate::default(),
            key: index.to_string(),
            unit,
            target: 0.0,
            scores: vec![(Contestant::Challenger, scored(a)), (Contestant::NoChange, scored(b))],
        };
        RowLosses(rows.into_iter().enumerate().map(row).collect())
    }

    fn units(rows: impl IntoIterator<Item = (String, f64, f64)>) -> Units {
        Units::pair(&losses(rows), Contestant::Challenger, Contestant::NoChange)
    }

    /// The rows of one user are one observation: ten copies of every row are no more evidence than one.
    #[test]
    fn rows_of_one_unit_count_once() {
        let mut stream = Stream::new(1, Purpose::Shuffle, 0, 0);
        let once: Vec<_> = (0..50).map(|user| (user.to_string(), 0.5 + stream.uniform(), 1.0)).collect();
        let often = once.iter().cycle().take(500).cloned();
        let (few, many) = (units(once.clone()).compare(0.05).unwrap(), units(often).compare(0.05).unwrap());
        assert_eq!((few.rows, many.rows), (50, 50));
        assert!((few.low - many.low).abs() < 1e-12 && (few.high - many.high).abs() < 1e-12);
    }

    /// The bootstrap's interval is that of the normal approximation where both hold.
    #[test]
    fn bootstrap_and_linearisation_agree() {
        let mut stream = Stream::new(2, Purpose::Shuffle, 0, 0);
        let found = units((0..800).map(|unit| (unit.to_string(), 0.9 + 0.4 * stream.uniform(), 1.0)));
        let (estimate, interval) = (found.estimate().unwrap(), found.compare(0.05).unwrap());
        // A quantile of 2,000 draws is itself only known to about 0.06 standard errors.
        let near = |reach: f64| (reach / estimate.standard_error - 1.96).abs() < 0.2;
        assert!(
            near(interval.high - estimate.mean) && near(estimate.mean - interval.low),
            "{interval:?}, {estimate:?}"
        );
        assert!(interval.bound < interval.high && interval.bound > estimate.mean);
        assert_eq!(found.compare(0.05), Some(interval), "the same losses give the same interval");
    }

    /// G4: of equal contestants, at most about one in twenty looks different.
    #[test]
    fn g4_equal_contestants_are_seldom_told_apart() {
        let mut stream = Stream::new(3, Purpose::Shuffle, 0, 0);
        let runs = 300;
        let different = (0..runs)
            .filter(|_| {
                let rows = (0..60).map(|unit| (unit.to_string(), stream.uniform(), stream.uniform()));
                let found = units(rows.collect::<Vec<_>>()).compare(0.05).unwrap();
                found.low > 0.0 || found.high < 0.0
            })
            .count();
        assert!(different <= runs * 8 / 100, "{different} of {runs}");
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
    }

    /// Worked out by hand: losses 1, 2, 3 beside 2, 2, 4 have the ratio ¾; what is left of each unit is −½, ½, 0, so the standard error
    /// is √(½ · 3/2) / 8.
    #[test]
    fn the_ratio_and_its_standard_error_are_those_of_the_sums() {
        let of = |unit: &str, a, b| (unit.to_owned(), a, b);
        let found = units([of("a", 1.0, 2.0), of("b", 2.0, 2.0), of("c", 3.0, 4.0)]);
        let MeanEstimate { mean, standard_error, rows } = found.estimate().unwrap();
        near(mean, -0.25);
        near(standard_error, 0.75_f64.sqrt() / 8.0);
        assert_eq!((rows, found.len(), found.is_empty(), units([]).is_empty()), (3, 3, false, true));
    }

    /// The interval of few units leans to the side of the one that stands out; that of very many is the normal one, to both sides alike.
    #[test]
    fn very_many_units_take_the_normal_approximation() {
        let one_stands_out =
            |count: usize| units((0..count).map(|unit| (unit.to_string(), if unit == 0 { 9.0 } else { 1.0 }, 1.0)));
        let few = one_stands_out(20).compare(0.05).unwrap();
        assert!(few.high - few.difference > 1.5 * (few.difference - few.low), "{few:?}");
        let many = one_stands_out(MANY);
        let (estimate, found) = (many.estimate().unwrap(), many.compare(0.05).unwrap());
        let reaches = [found.low, found.high, found.bound].map(|end| (end - estimate.mean) / estimate.standard_error);
        for (reach, expected) in reaches.into_iter().zip([-1.959_963_985, 1.959_963_985, 1.644_853_627]) {
            assert!((reach - expected).abs() < 1e-6, "{reaches:?}");
        }
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let sorted = [0.0, 10.0, 20.0, 40.0];
        for (share, expected) in [(0.0, 0.0), (0.25, 7.5), (0.5, 15.0), (0.9, 34.0), (1.0, 40.0)] {
            near(quantile(&sorted, share), expected);
        }
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn what_cannot_be_compared_is_not() {
        let row = |a, b| ("a".to_owned(), a, b);
        assert_eq!(units([]).compare(0.05), None);
        assert_eq!(units([row(1.0, 1.0)]).compare(0.05), None, "one unit");
        let three = |b: f64| ["a", "b", "c"].map(|unit| (unit.to_owned(), 1.0, b));
        for without in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            assert_eq!(units(three(without)).estimate(), None, "{without}");
        }
        let endless = ["a", "b", "c"].map(|unit| (unit.to_owned(), f64::INFINITY, 1.0));
        assert_eq!(units(endless).estimate(), None);
        assert_eq!(units(three(1.0)).compare(0.05).unwrap().difference, 0.0);
    }
}
