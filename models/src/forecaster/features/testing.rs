//! Made-up bars for tests.

use chrono::{Days, NaiveDate};
use common::bars::Bar;
use common::vocabulary::Symbol;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

pub(crate) fn symbol() -> Symbol {
    "TEST".parse().unwrap()
}

/// Bars of a random walk with about 1.5 % a day; the same seed gives the same bars.
pub(crate) fn random_walk(seed: u8, days: usize) -> Vec<Bar> {
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut uniform = move || f64::from(rng.next_u32()) / f64::from(u32::MAX);
    let mut close = 100.0;
    (0..days)
        .map(|day| {
            let open = close * (0.01 * (uniform() - 0.5)).exp();
            close = open * (0.05 * (uniform() - 0.5)).exp();
            Bar {
                date: NaiveDate::default() + Days::new(day as u64),
                open,
                high: open.max(close) * (1.0 + 0.01 * uniform()),
                low: open.min(close) * (1.0 - 0.01 * uniform()),
                close,
                adj_close: close,
                volume: (1e6 * uniform()).round(),
            }
        })
        .collect()
}
