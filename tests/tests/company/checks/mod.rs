//! What must hold, looked at from outside: once a week what is answered and shown, at the end all that is left of a life. What is
//! particular to a family its fleet says.

mod alerts;
mod answers;
mod history;
mod prices;
mod reports;
mod rows;
mod schedule;

pub(crate) use self::alerts::Alerts;
pub(crate) use self::schedule::Schedule;
use crate::fleet::Fleet;
use crate::observe::Observed;
use crate::world::World;

/// After the trainings of a week.
pub(crate) fn of_a_week(world: &mut World, fleets: &[Box<dyn Fleet>]) {
    answers::golden(world, fleets);
    rows::counted(world);
}

/// At the end.
pub(crate) fn at_the_end(world: &mut World, fleets: &[Box<dyn Fleet>], observed: &Observed) {
    history::invariants(world);
    history::of_models(&mut world.breaches, observed);
    history::of_versions(&mut world.breaches, fleets, observed);
    history::of_jobs(&mut world.breaches, observed);
    reports::true_to_the_jobs(world);
    prices::print(world);
}
