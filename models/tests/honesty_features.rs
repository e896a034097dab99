//! G9: nothing about the past changes when the future does (JUDGING §6: features, scalers, calibrators).
#![allow(clippy::unwrap_used)]

use chrono::{Days, NaiveDate};
use common::bars::Bar;
use common::vocabulary::{ForecasterHyper, SplitPolicy, Symbol};
use models::forecaster::features::{DailySeries, Prepared, prepare};
use models::forecaster::score::{Baselines, StudentT, scale_factor};
use proptest::prelude::*;

const DAYS: usize = 460;

/// A day's move: overnight gap, change over the day, reach beyond open and close, log-volume.
type Move = (f64, f64, f64, f64);

fn moves(days: usize) -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec((-0.01..0.01, -0.03..0.03, 0.0..0.01, 8.0..15.0), days)
}

fn bars(moves: &[Move]) -> Vec<Bar> {
    let mut close = 50.0;
    let bar = |(day, &(gap, change, reach, volume)): (usize, &Move)| {
        let open = close * f64::exp(gap);
        close = open * f64::exp(change);
        Bar {
            date: NaiveDate::default() + Days::new(day as u64),
            open,
            high: open.max(close) * (1.0 + reach),
            low: open.min(close) * (1.0 - reach),
            close,
            adj_close: close * 0.9,
            volume: f64::exp(volume).round(),
        }
    };
    moves.iter().enumerate().map(bar).collect()
}

fn prepared(bars: &[Bar]) -> Prepared {
    let symbol: Symbol = "TEST".parse().unwrap();
    let hyper = ForecasterHyper { window: 20, ..ForecasterHyper::default() };
    let series = [DailySeries::new(symbol.clone(), bars).unwrap()];
    prepare(&series, &[symbol], &hyper, &SplitPolicy::default(), None).unwrap()
}

/// A row as bits: the inputs, the unit of the answer, and the outcome.
fn bits(prepared: &Prepared, row: u32) -> (Vec<u32>, u64, u64) {
    let row = prepared.data.row(row);
    let window = prepared.data.window_of(row).iter().map(|x| x.to_bits()).collect();
    (window, row.sigma.to_bits(), row.log_return.to_bits())
}

/// The factor that a calibration on the validation rows finds for a forecaster that always says the same.
fn calibration(prepared: &Prepared) -> u64 {
    let rows = &prepared.data.rows[prepared.split.validation.start as usize..prepared.split.validation.end as usize];
    let forecast = StudentT { location: 0.0, scale: 0.9, degrees: 6.0 };
    let pairs: Vec<_> = rows.iter().map(|row| (forecast, f64::from(row.target()))).collect();
    scale_factor(&pairs).to_bits()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The holdout is the future of everything that is fitted: other bars in it leave every fitted thing as it was.
    #[test]
    fn a_changed_holdout_changes_nothing_before_it(past in moves(DAYS - 60), one in moves(60), other in moves(60)) {
        let a = prepared(&bars(&[past.clone(), one].concat()));
        let b = prepared(&bars(&[past, other].concat()));
        prop_assert_eq!(&a.split, &b.split);
        prop_assert_eq!(&a.preprocessing, &b.preprocessing);
        prop_assert_eq!(&a.sketch, &b.sketch);
        prop_assert_eq!(calibration(&a), calibration(&b));
        let drift = |p: &Prepared| Baselines::fit(&p.data.rows[..p.split.train.end as usize]).drift.to_bits();
        prop_assert_eq!(drift(&a), drift(&b));
        for row in 0..a.split.validation.end {
            prop_assert_eq!(bits(&a, row), bits(&b, row));
        }
        // The first row of the holdout is made before its target is known: only the target differs.
        let ((window_a, unit_a, outcome_a), (window_b, unit_b, outcome_b)) =
            (bits(&a, a.split.holdout.start), bits(&b, b.split.holdout.start));
        prop_assert_eq!((window_a, unit_a), (window_b, unit_b));
        prop_assert_ne!(outcome_a, outcome_b);
    }

    /// Validation rows are the future of scalers.
    #[test]
    fn scalers_know_training_rows_only(past in moves(DAYS - 110), one in moves(110), other in moves(110)) {
        let a = prepared(&bars(&[past.clone(), one].concat()));
        let b = prepared(&bars(&[past, other].concat()));
        let last_trained = a.data.row(a.split.train.end - 1).date;
        prop_assert!(last_trained < NaiveDate::default() + Days::new(DAYS as u64 - 110), "{}", last_trained);
        prop_assert_eq!(&a.preprocessing, &b.preprocessing);
        prop_assert_eq!(&a.sketch, &b.sketch);
        prop_assert_ne!(calibration(&a), calibration(&b));
    }

    /// A day knows itself and earlier days, whichever day it is.
    #[test]
    fn features_never_look_ahead(moves in moves(90), day in 30usize..89, shock in 0.1..0.5f64) {
        let symbol: Symbol = "TEST".parse().unwrap();
        let mut changed = moves.clone();
        for later in &mut changed[day + 1..] {
            later.1 += shock;
        }
        let a = DailySeries::new(symbol.clone(), &bars(&moves)).unwrap();
        let b = DailySeries::new(symbol, &bars(&changed)).unwrap();
        prop_assert_eq!(&a.features[..=day], &b.features[..=day]);
        prop_assert_eq!(&a.volatility[..=day], &b.volatility[..=day]);
        prop_assert_ne!(&a.features[day + 1], &b.features[day + 1]);
    }
}
