//! When something is due by the calendar, what became due while nobody looked, and what is done then.
//!
//! - [`Timing`]: once, every so often, daily, weekly, monthly, or a cron expression, in a [zone](common::vocabulary::Zone) with its daylight saving
//! - [`look()`]: which due times have come, and what becomes of those that were missed
//! - [`Task`]: what a schedule does, with its [`Selection`] of models and its [`TrainingParameters`]
//! - [`presets`]: the schedules that an installation has from the start
//! - [`RunOutcome`]: what came of it

mod clock;
mod cron;
mod look;
mod name;
mod outcome;
pub mod presets;
mod selection;
mod state;
mod task;
#[cfg(test)]
mod tests;
mod timing;

pub use clock::LocalTime;
pub use common::vocabulary::TimeOfDay;
pub use cron::CronExpression;
pub use look::{Look, MissedRuns, ON_TIME, Timetable, look, put_off};
pub use name::ScheduleName;
pub use outcome::{RunOutcome, TrainingsEnded};
pub use selection::Selection;
pub use state::{Occasion, RunState, ScheduleState};
pub use task::{ReportParameters, Task, TaskKind, TrainingParameters};
pub use timing::{InvalidTiming, Timing, Weekday};
