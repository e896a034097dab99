//! A company lives in one installation: five fleets of models, rows every day, trainings every week, questions all the while, and
//! what happens to people and machines. `docs/company.md` says how to run and read it.
//!
//! Data flows one way: calendar → rows and questions of the fleets → actions through the API → what is observed → checks → report.
//! `REFIT_COMPANY_WEEKS` (8 by `make company`) makes a life longer or shorter.

mod asker;
mod calendar;
mod checks;
mod client;
mod fleet;
mod incidents;
mod observe;
mod outages;
mod promises;
mod report;
mod simulation;
mod world;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use calendar::Calendar;
use fleet::Fleet;
use incidents::{Incident, LeaderKilled};
use promises::Promise;
use report::Report;
use simulation::{Simulated, Simulation};
use world::World;

/// Of all rows and draws.
pub(crate) const SEED: u64 = 13;
/// Weeks in a run of all tests.
const WEEKS: usize = 2;

/// One life at a time: each has the machine to itself.
static ALONE: Mutex<()> = Mutex::new(());

fn weeks() -> usize {
    let text = std::env::var("REFIT_COMPANY_WEEKS").ok();
    text.map_or(WEEKS, |text| text.parse().unwrap_or_else(|_| panic!("REFIT_COMPANY_WEEKS={text}: no number")))
}

fn live(world: World, weeks: usize, fleets: Vec<Box<dyn Fleet>>, incidents: Vec<Box<dyn Incident>>) -> Simulated {
    Simulation { world, calendar: Calendar::of(weeks), fleets: Arc::new(fleets), incidents }.run()
}

/// Lives through all of it and tells what it came to.
fn company(start: impl FnOnce() -> Option<World>) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let began = Instant::now();
    let Some(world) = start() else { return };
    let days = Calendar::of(weeks()).len();
    let lived = live(world, weeks(), fleet::all(SEED), incidents::all());
    Report::of(lived, days, began.elapsed()).conclude();
}

#[test]
fn a_company_lives_in_one_installation_on_one_machine() {
    company(|| Some(World::embedded()));
}

#[test]
fn a_company_lives_in_one_installation_on_the_engines_of_many_machines() {
    company(World::distributed);
}

/// A few models of each family live through a week twice, and the second time the leader is killed while they are trained: the same
/// versions, verdicts and weights.
#[test]
fn two_lives_of_one_seed_are_the_same_whoever_is_killed() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let began = Instant::now();
    let mut first = live(World::embedded(), 1, fleet::few(SEED), Vec::new());
    let mut second = live(World::embedded(), 1, fleet::few(SEED), vec![Box::new(LeaderKilled)]);
    first.world.breaches.add(std::mem::take(&mut second.world.breaches));
    first.asked.breaches.add(std::mem::take(&mut second.asked.breaches));
    let (one, other) = (first.observed.history(), second.observed.history());
    for (one, other) in one.iter().zip(&other).filter(|(one, other)| one != other) {
        first.world.breaches.note(Promise::SameLife, format!("{one}, then {other}"));
    }
    let counts = (one.len(), other.len());
    first.world.breaches.insist(Promise::SameLife, counts.0 == counts.1, || format!("{counts:?} versions"));
    Report::of(first, 5, began.elapsed()).conclude();
}
