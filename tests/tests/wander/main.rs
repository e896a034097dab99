//! Somebody lives in one installation, does everything there is to do in any order, and notices what is not true. `docs/wander.md`
//! says how to run it, how to read a failure, and how a new verb joins.
//!
//! `REFIT_WANDER` says how: `walks=2000 steps=30 seed=7 walk=12 beside=4 family=text`.
#![allow(clippy::expect_used, clippy::panic)]

mod checks;
mod command_line;
mod family;
mod mutants;
mod plan;
mod reference;
mod report;
mod runner;
mod shared_installation;
mod verbs;
mod walk;

use family::Family;
use report::Sum;
use runner::Order;
use shared_installation::SharedInstallation;

/// The order of the environment.
fn order() -> Order {
    let mut order =
        Order { seed: 1, walks: 0..200, steps: 30, beside: 4, family: None, shorten: true, known: Vec::new() };
    let text = std::env::var("REFIT_WANDER").unwrap_or_default();
    for (name, value) in text.split_whitespace().filter_map(|pair| pair.split_once('=')) {
        let number = || value.parse().unwrap_or_else(|_| panic!("{name}={value}: no number"));
        match name {
            _ if value.is_empty() => {}
            "walks" => order.walks = 0..number(),
            "walk" => order.walks = number()..number() + 1,
            "steps" => order.steps = number() as usize,
            "seed" => order.seed = number(),
            "beside" => order.beside = number() as usize,
            "known" => order.known = value.split(',').map(str::to_owned).collect(),
            "shorten" => order.shorten = number() > 0,
            "family" => order.family = Family::ALL.into_iter().find(|family| family.key("").starts_with(value)),
            _ => panic!("REFIT_WANDER: there is no {name:?}"),
        }
    }
    order
}

/// Walks through one installation. Later ones take longer, for all verbs look at whatever is there: more go through several.
const IN_ONE: usize = 250;

#[test]
fn whoever_walks_around_in_one_installation_finds_nothing_untrue() {
    let order = order();
    let mut sum = Sum::default();
    for begin in order.walks.clone().step_by(IN_ONE) {
        let installation = SharedInstallation::open(None, &order.known);
        let walks = begin..order.walks.end.min(begin + IN_ONE as u64);
        sum.add(runner::run(&installation, &Order { walks, ..order.clone() }));
        if !sum.failures.is_empty() {
            println!("{}", installation.logs());
            break;
        }
        println!("{}", sum.last_line());
    }
    println!("{}\n{}", sum.broken(order.seed), sum.last_line());
    assert!(sum.failures.is_empty(), "something is not true");
}
