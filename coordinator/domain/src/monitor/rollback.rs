//! Whether the version before would do better than the live one, asked again with every row that comes.
//!
//! An interval meant for one look would fail in the long run; this one holds for all looks together: an asymptotic confidence
//! sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
//! sequences", 2024, theorem 2.2), on the relative difference of loss.

use serde::{Deserialize, Serialize};

use crate::judge::{MeanEstimate, Paired};

/// Observations from which on it is asked.
pub const MIN_OBSERVATIONS: usize = 20;
/// Chance that a version that is as good is ever taken back.
const ALPHA: f64 = 0.05;
/// How sure a bound is, for all looks together.
pub const CONFIDENCE: f64 = 1.0 - ALPHA;
/// The sequence is tightest after about so many observations.
const TIGHTEST: f64 = 40.0;

/// The live version against the one before it, on rows that have come since.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Relative difference of loss; positive: the live version is worse.
    pub difference: f64,
    /// Its lower bound, for all looks together.
    pub low: f64,
    /// Observations.
    pub rows: u64,
}

impl Bound {
    /// Whether the live version is to be taken back.
    pub fn is_worse(&self) -> bool {
        self.low > 0.0
    }
}

/// The bound for losses of the live version paired with those of the one before; absent for too few of them.
pub fn bound(paired: &Paired) -> Option<Bound> {
    let MeanEstimate { mean: difference, standard_error, rows } = paired.estimate()?;
    if rows < MIN_OBSERVATIONS {
        return None;
    }
    let n = rows as f64;
    let log = -2.0 * ALPHA.ln();
    let rho = (log + log.ln() + 1.0) / TIGHTEST;
    let spread = 2.0 * (n * rho + 1.0) / (n * n * rho) * ((n * rho + 1.0).sqrt() / ALPHA).ln();
    let low = difference - standard_error * n.sqrt() * spread.sqrt();
    Some(Bound { difference, low, rows: rows as u64 })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use common::losses::{Contestant, LossRow, RowLosses, Scored};
    use common::random::{Purpose, Stream};

    use super::*;
    use crate::judge::{Pairing, Series};

    /// The first row at which a version is taken back, of so many; `worse`: how much its loss is above the other's.
    fn taken_back(stream: &mut Stream, rows: usize, worse: f64) -> Option<usize> {
        let mut series = Series::default();
        (1..=rows).find(|_| {
            let noise = |stream: &mut Stream| (0..4).map(|_| stream.uniform() - 0.5).sum::<f64>();
            series.reference.push(1.0 + 0.1 * noise(stream));
            series.model.push(1.0 + worse + 0.1 * noise(stream));
            bound(&Paired::Series(series.clone())).is_some_and(|bound| bound.is_worse())
        })
    }

    /// G7: asked after every row, of versions that are as good as the one before at most about one in twenty is taken back.
    #[test]
    fn g7_equals_are_seldom_taken_back_however_often_one_looks() {
        let mut stream = Stream::new(7, Purpose::Shuffle, 0, 0);
        let runs = 300;
        let wrong = (0..runs).filter(|_| taken_back(&mut stream, 150, 0.0).is_some()).count();
        assert!(wrong <= runs * 6 / 100, "{wrong} of {runs}");
    }

    /// G7: one that is clearly worse is, soon.
    #[test]
    fn g7_a_worse_one_is_taken_back_soon() {
        let mut stream = Stream::new(8, Purpose::Shuffle, 0, 0);
        let mut found: Vec<usize> = (0..100).map(|_| taken_back(&mut stream, 150, 0.08).unwrap_or(150)).collect();
        found.sort_unstable();
        assert!(found[0] >= MIN_OBSERVATIONS && found[50] <= 40 && found[95] <= 120, "{found:?}");
    }

    #[test]
    fn a_few_rows_say_nothing() {
        let of = |rows| bound(&Paired::Series(Series { model: vec![9.0; rows], reference: vec![1.0; rows] }));
        assert_eq!(of(19), None);
        assert_eq!(of(20), Some(Bound { difference: 8.0, low: 8.0, rows: 20 }));
    }

    /// Against figures worked out by hand from the theorem. Of 25 units with a loss of 2 every fifth loses 3 with the live version: the
    /// ratio is 1.1, its standard error √(1/600), and the sequence is 3.04858 of these below it.
    #[test]
    fn the_bound_is_that_of_the_theorem() {
        let scored = |loss| Scored { loss, prediction: 0.0 };
        let row = |unit: usize| LossRow {
            date: NaiveDate::default(),
            key: unit.to_string(),
            unit: unit.to_string(),
            target: 0.0,
            scores: vec![
                (Contestant::Challenger, scored(if unit.is_multiple_of(5) { 3.0 } else { 2.0 })),
                (Contestant::Champion, scored(2.0)),
            ],
        };
        let losses = RowLosses((0..25).map(row).collect());
        let found = bound(&Pairing::Users.pair(&losses, Contestant::Challenger, Contestant::Champion)).unwrap();
        assert!((found.difference - 0.1).abs() < 1e-12 && found.rows == 25, "{found:?}");
        assert!((found.low + 0.024_457_783_233_660_5).abs() < 1e-12, "{found:?}");
        assert!((CONFIDENCE - 0.95).abs() < 1e-12);
    }

    #[test]
    fn a_bound_of_0_takes_nothing_back() {
        for (low, worse) in [(-0.01, false), (0.0, false), (0.01, true)] {
            assert_eq!(Bound { difference: 0.1, low, rows: 25 }.is_worse(), worse, "{low}");
        }
    }
}
