//! `retrain_when = "cost"`: regret against the price of a training.

use common::settings::RetrainWhen;

use super::*;
use crate::cost::Price;

fn price(seconds: f64) -> Option<Price> {
    let (low, high) = (seconds / 2.0, seconds * 2.0);
    Some(Price { seconds, low, high, memory: None, trainings: 40, error: Some(0.1) })
}

fn by_cost() -> Policy {
    Policy { retrain_when: RetrainWhen::Cost, regret_per_second: 2.0, ..Policy::default() }
}

fn decided(facts: &Facts, policy: Policy) -> Decision {
    decide(facts, &super::rules(policy), &Request::default(), day(NOW))
}

/// 20 new rows, a live version with so much to regret, and trainings of 5 and 10 seconds.
fn regrets(regret: Option<f64>) -> Facts {
    let live = content().live.map(|live| LiveFacts { regret, ..live });
    let prices = ModePrices { incremental: price(5.0), complete: price(10.0) };
    Facts { live, prices, ..due() }
}

#[test]
fn new_rows_alone_are_worth_nothing_and_regret_is_weighed() {
    let held = decided(&regrets(Some(10.0)), by_cost());
    assert_eq!(held.verdict, Verdict::NotNeeded, "10 is what 5 seconds are worth, and no more: {held:?}");
    let [Remark::RegretWouldChangeIt { regret, needed, seconds, .. }] = held.remarks[..] else { panic!("{held:?}") };
    assert_eq!((regret, needed, seconds), (10.0, 10.0, 5.0));
    let due = decided(&regrets(Some(10.1)), by_cost());
    assert_eq!((due.verdict, due.mode), (Verdict::Retrain, Some(Mode::Incremental)));
    let ground = Ground::Regret { version: version(1), regret: 10.1, seconds: 5.0, per_second: 2.0 };
    assert_eq!(due.reasons, [Reason { ground, mode: Mode::Incremental }]);
    assert_eq!(due.price.unwrap().seconds, 5.0);
}

#[test]
fn what_has_clearly_declined_is_trained_completely_at_that_price() {
    let declined = |regret| {
        let mut facts = regrets(Some(regret));
        facts.live.iter_mut().for_each(|live| live.degraded = Some(Decline { rise: 0.3, window: 20, one_of: None }));
        decided(&facts, by_cost())
    };
    assert_eq!(declined(15.0).verdict, Verdict::NotNeeded, "10 seconds are worth 20");
    assert_eq!((declined(21.0).verdict, declined(21.0).mode), (Verdict::Retrain, Some(Mode::Complete)));
}

/// Never past the limits of age, and what cannot be used as it is is no matter of cost.
#[test]
fn age_and_what_cannot_be_used_ask_whatever_it_costs() {
    let old = |age: i64| {
        let mut facts = regrets(Some(0.0));
        facts.live.iter_mut().for_each(|live| live.trained_at = day(NOW - age));
        facts.last_training = Some(day(NOW - age));
        codes(&decided(&facts, by_cost()))
    };
    assert_eq!(old(31), [ReasonCode::TooOld]);
    assert_eq!(old(29), []);
    let changed = Facts { schema_changed: true, ..regrets(Some(0.0)) };
    assert_eq!(codes(&decided(&changed, by_cost())), [ReasonCode::SchemaChanged]);
    assert_eq!(codes(&decided(&unborn(), by_cost())), [ReasonCode::NoModel]);
}

/// Where nobody knows what it costs, or what there is to regret, the rules hold.
#[test]
fn what_cannot_be_weighed_goes_by_the_rules() {
    let unknown = Facts { prices: ModePrices::default(), ..regrets(Some(99.0)) };
    for facts in [unknown, regrets(None)] {
        assert_eq!(codes(&decided(&facts, by_cost())), [ReasonCode::NewSamples]);
    }
    assert_eq!(codes(&decided(&regrets(Some(99.0)), Policy::default())), [ReasonCode::NewSamples]);
}
