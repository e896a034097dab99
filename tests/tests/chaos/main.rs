//! Everything dies, again and again, and nothing is lost (G1–G3): real processes and services, faults drawn from a seed, short real
//! trainings as load. `docs/chaos.md` says how to run and read it.
//!
//! `REFIT_CHAOS_SEEDS` (such as `1..10`) and `REFIT_CHAOS_FAULTS` (of each seed) make it longer; with `REFIT_CHAOS_LOGS` the logs are
//! kept of seeds in which nothing was broken, too.

mod arena;
mod breaches;
mod checks;
mod fairness;
mod faults;
mod history;
mod load;
mod outages;
mod plan;
mod report;
mod run;
mod stuck;
mod tap;
mod watch;
mod weather;

use std::sync::{Mutex, PoisonError};

use plan::Fault;
use report::Report;
use run::{Order, possible, run};
use weather::Weather;

/// One run at a time: each has services and a machine to itself.
static ALONE: Mutex<()> = Mutex::new(());

/// Whether there are services to try this with.
fn here() -> bool {
    let here = std::env::var_os("REFIT_TEST_AMQP").is_some();
    if !here {
        eprintln!("skipped: REFIT_TEST_AMQP is not set (deploy/with-services.sh sets it)");
    }
    here
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}: no number")))
}

/// `3` or `1..10`, both ends included.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let text = std::env::var("REFIT_CHAOS_SEEDS").unwrap_or_else(|_| "1".into());
    let (first, last) = text.split_once("..").unwrap_or((&text, &text));
    let parse = |text: &str| text.parse().unwrap_or_else(|_| panic!("REFIT_CHAOS_SEEDS={text}: no number"));
    parse(first)..=parse(last)
}

#[test]
fn g1_g2_g3_whatever_dies_nothing_is_lost_and_nothing_counts_twice() {
    if !here() {
        return;
    }
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let which = possible();
    let mut sum = Report::default();
    for seed in seeds() {
        // Each fault at a job in each state at least once.
        let cells = (which.len() * plan::STATES.len()).max(100) as u64;
        let faults = number("REFIT_CHAOS_FAULTS", cells) as usize;
        let report = run(&Order { seed, faults, which: which.clone(), mutant: None });
        println!("seed {seed}: {}", report.last_line());
        sum.add(report);
    }
    println!("{}", sum.table(&which));
    for surprise in &sum.surprises {
        println!("surprise: {surprise}");
    }
    println!("{}", sum.fairness());
    print!("{}", sum.slowest());
    Weather::ALL.iter().for_each(|weather| print!("{}", sum.resumes_in(*weather)));
    println!("{}", sum.last_line());
    assert!(sum.breaches.is_empty(), "broken: {:#?}", sum.breaches);
    assert_eq!(sum.empty_cells(&which), [], "cells that nothing has struck");
    assert_eq!(sum.unfair, [""; 0], "overtaken by more than the dispatch window");
    assert_eq!(sum.stuck, [""; 0], "stuck while health said that all is well");
    assert_eq!((sum.lost, sum.published_twice), (0, 0));
}

/// Lets a mutant be struck by what it cannot bear, and gives the names of what it broke.
fn caught(mutant: &'static str, which: &[Fault]) -> Vec<String> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let report = run(&Order { seed: 1, faults: 200, which: which.to_vec(), mutant: Some(mutant) });
    println!("chaos: the mutant {mutant} is caught after {} faults: {:#?}", report.faults(), report.breaches);
    report.breaches.into_keys().collect()
}

#[test]
fn g1_a_coordinator_that_does_not_look_at_the_seal_is_caught() {
    if here() {
        let broken = caught("no_seal_check", &[Fault::WorkerKillAtSeal, Fault::LeaderKill, Fault::RedisFlush]);
        assert!(broken.contains(&"finished_kept".to_owned()), "{broken:?}");
    }
}

#[test]
fn g1_leases_that_are_keys_which_expire_are_caught() {
    if here() {
        let broken = caught("lease_by_key", &[Fault::RedisFlush, Fault::DoorbellTwice]);
        assert!(broken.contains(&"lease_kept".to_owned()), "{broken:?}");
    }
}
