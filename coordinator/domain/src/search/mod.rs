//! A search for hyper-parameters: random draws, of which each rung tries the better ones at greater length (successive halving:
//! Jamieson and Talwalkar, 2016). Its trials are compared on validation rows; what is held out for the gate is read by none of them.
//!
//! What is found is a challenger like any other: it is trained, judged on held-out rows, and has to be better.

mod axis;
mod budget;
mod draw;
mod halving;
mod outcome;
mod space;
#[cfg(test)]
mod tests;

pub use self::axis::{Axis, InvalidAxis, Values};
pub use self::budget::shortened;
pub use self::draw::{NothingToTry, draw};
pub use self::halving::{Best, Ladder, Measured, Rung, Step, next};
pub use self::outcome::{SearchOutcome, SearchState};
pub use self::space::{Space, taken_over, usual};
