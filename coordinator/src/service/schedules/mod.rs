//! What is done by the calendar. The leader looks what is due and notes a run of it ([`fire`]), does the runs one after the other
//! ([`mod@perform`]), and ends those whose trainings have ended ([`follow`]).
//!
//! Of a schedule there is one run a due time: the row is the guard, so that two leaders, a clock that jumps or a takeover in between
//! neither double nor lose one. What a run does is repeated after a takeover, and can be: a training that is asked for twice is one.

mod control;
mod fire;
mod follow;
mod manage;
mod perform;
mod presets;
mod runs;

pub(crate) use self::fire::Schedules;
pub(crate) use self::perform::round as perform;
