//! Coordinators that lack one thing each, planted back: walks find every one, or would not be worth walking.

use crate::family::Family;
use crate::runner::{self, Order};
use crate::shared_installation::SharedInstallation;

/// Walks until a mutant has to be found.
const WALKS: u64 = 120;

/// A mutant, whose walks meet it (everybody's, if no family is named), and the checks that may find it.
struct Planted(&'static str, Option<Family>, &'static [&'static str]);

const PLANTED: &[Planted] = &[
    Planted("alien_universal", Some(Family::Text), &["jobs"]),
    Planted("model_schema_serves", Some(Family::Tabular), &["api", "answers", "golden", "exit"]),
    Planted("rejected_thinned", Some(Family::Text), &["promote"]),
    Planted("impossible_trained", None, &["jobs"]),
    Planted("tried_forgotten", None, &["tried_once"]),
    Planted("rollback_forgotten", None, &["rollback_holds"]),
    Planted("rollback_by_number", None, &["rollback"]),
    Planted("outcomes_unchecked", Some(Family::Tabular), &["labels"]),
    Planted("revisions_taken", Some(Family::Forecaster), &["exit"]),
    Planted("decisions_grow_old", None, &["decision"]),
];

#[test]
#[ignore = "two minutes each in turn: make wander-mutants"]
fn every_planted_mistake_is_found_by_walks() {
    let only = std::env::var("REFIT_MUTANT").unwrap_or_default();
    let mut missed = Vec::new();
    for Planted(name, family, checks) in PLANTED.iter().filter(|planted| only.is_empty() || planted.0 == only) {
        let order = Order { walks: 0..WALKS, family: *family, shorten: false, ..crate::order() };
        let installation = SharedInstallation::open(Some(*name), &order.known);
        let sum = runner::run(&installation, &order);
        println!("mutant {name}: {}{}", sum.last_line(), sum.broken(order.seed));
        if !sum.failures.iter().any(|(_, failure)| checks.contains(&failure.broken.check)) {
            missed.push(*name);
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
