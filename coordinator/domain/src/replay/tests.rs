use chrono::Days;
use common::settings::{Policy, RetrainWhen};
use common::vocabulary::{Family, Zone};

use super::*;
use crate::cost::Sample;

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(number)
}

fn model() -> ModelKey {
    "forecaster/A".parse().unwrap()
}

/// A year of one row a day, with a version of the day before.
fn life() -> Life {
    let hyper = Hyper::of(Family::Forecaster);
    let split = Policy::default().split();
    let rows_before = split.minimum_rows(&hyper) + 100;
    let days = (0..365).map(|n| Day { date: day(n), rows: 1, baseline: 2.0 }).collect();
    let live_before = Some((Timestamp::end_of(day(0)).plus_days(-1.0), rows_before));
    Life { model: model(), hyper, split, rows_before, live_before, days }
}

fn rules(policy: Policy) -> Rules {
    Rules { bands: policy.bands(Family::Forecaster), policy, zone: Zone::UTC }
}

fn prices(seconds: f64) -> Prices {
    let features = Features::of(&life().hyper, Mode::Incremental, 500, 20);
    let sample = Sample { model: model(), features, seconds, memory: None, expected: None };
    Prices::learn(&vec![sample; 10])
}

/// 0.8 of the baseline's loss at first, and so much more for each row that comes.
fn ages(by: f64) -> Staleness {
    Staleness::learn((0..20_000).map(|n| Seen { since: n % 400, loss: 0.8 + by * (n % 400) as f64, baseline: 1.0 }))
}

#[test]
fn g5_the_rules_train_as_rows_come() {
    let outcome = replay(&life(), &rules(Policy::default()), &prices(5.0), &ages(0.0));
    assert_eq!(outcome.trainings - outcome.complete, 365 / 20, "20 new rows each");
    assert_eq!(outcome.complete, 3, "after five increments each");
    assert!((outcome.baseline - 730.0).abs() < 1e-9 && (outcome.loss / outcome.baseline - 0.8).abs() < 0.01);
    assert_eq!((outcome.rows, outcome.days.len()), (365, 365));
    let seldom =
        Policy { min_new_samples: 40, max_model_age_days: 100.0, force_retrain_age_days: 200.0, ..Policy::default() };
    let seldom = replay(&life(), &rules(seldom), &prices(5.0), &ages(0.0));
    assert_eq!((seldom.trainings - seldom.complete, seldom.complete), (365 / 40, 1));
    assert!(seldom.seconds < outcome.seconds);
}

/// Where nothing ages, nothing is worth a training but age itself; where it does, it is weighed.
#[test]
fn g6_by_cost_a_model_is_trained_as_far_as_it_ages() {
    let by_cost = |by, per_second| {
        let policy = Policy { retrain_when: RetrainWhen::Cost, regret_per_second: per_second, ..Policy::default() };
        replay(&life(), &rules(policy), &prices(5.0), &ages(by))
    };
    let still = by_cost(0.0, 0.1);
    assert!((11..=14).contains(&still.trainings), "by age alone, every 31 days or so: {}", still.trainings);
    let fast = by_cost(0.01, 0.1);
    assert!(fast.trainings > still.trainings, "{} and {}", fast.trainings, still.trainings);
    let dear = by_cost(0.01, 100.0);
    assert!(dear.trainings < fast.trainings && dear.loss > fast.loss, "{dear:?}");
}
