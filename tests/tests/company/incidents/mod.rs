//! What happens to the company besides its days: a file an incident. Each says when it happens, does it, and checks what must come
//! of it.
//!
//! A new incident is a new file here and a line in [`all`].

mod backup;
mod bad_recipe;
mod batch;
mod cleanup;
mod drift;
mod late_labels;
mod leader_killed;
mod pause;
mod repeat;
mod reproduce;
mod rollback;
mod tune;
mod worker_killed;

pub(crate) use self::leader_killed::LeaderKilled;
use crate::calendar::Day;
use crate::world::World;

/// Something that happens once in a life.
pub(crate) trait Incident {
    /// What it is, in a few words.
    fn name(&self) -> &'static str;

    /// In which week: after this share of all, 0 to 1.
    fn when(&self) -> f64;

    /// When in the week.
    fn moment(&self) -> Moment;

    /// It happens, and is over when this returns.
    fn happen(&self, world: &mut World, day: Day);
}

/// The moments at the end of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// All rows of the week are there, and nothing is being trained.
    BeforeTrainings,
    /// What is live has been scored on them.
    Scored,
    /// The trainings of the week are in the backlog or running.
    WhileTraining,
    /// They have ended.
    AfterTrainings,
}

/// Every incident of a life.
pub(crate) fn all() -> Vec<Box<dyn Incident>> {
    vec![
        Box::new(late_labels::LateLabels),
        Box::new(pause::Pause),
        Box::new(batch::Batch),
        Box::new(worker_killed::WorkerKilled),
        Box::new(repeat::Repeat),
        Box::new(rollback::Rollback),
        Box::new(bad_recipe::BadRecipe),
        Box::new(tune::Tune),
        Box::new(backup::Backup),
        Box::new(drift::Drift),
        Box::new(LeaderKilled),
        Box::new(cleanup::Cleanup),
        Box::new(reproduce::Reproduce),
    ]
}
