//! A year in minutes (issue "run it for a year without touching it"): two real coordinators on a real database decide, schedule, judge, alert and
//! report while a test drives their clock. Most trainings are done by scripted workers that keep the protocol and draw losses from a stated
//! process with drifts planted; a few models are trained by a real worker. What must hold is looked at at the end.
//!
//! `REFIT_YEAR="from=2027-09-01 days=366 symbols=500 real=12"` is `make year`; without it, seven weeks around a leap day and a turn of daylight
//! saving, with fewer models.
#![cfg(feature = "faults")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "it says how far it has got")]

#[path = "../service/kit/mod.rs"]
#[allow(dead_code, reason = "the kit of another suite")]
mod kit;

mod calendar;
mod checks;
mod clock;
mod hands;
mod incidents;
mod market;
mod plan;
mod process;
mod run;

/// What it runs on.
const DATABASE: kit::Kind = kit::Kind::Sqlite;

/// A1–A12, B3, B4, C5, C6: every due time once or skipped as told, no model without a judged attempt within its limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_year_goes_by_without_anybody_touching_it() {
    let plan = plan::Plan::of_environment();
    let broken = run::year(plan).await;
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
}
