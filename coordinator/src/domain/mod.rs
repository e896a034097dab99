//! Pure decisions: no clock, no IO, no chance. Each answer carries its reasons.
//!
//! - [`decide`]: to retrain or not
//! - [`score`]: the place in the line
//! - [`transition`]: the life of a job

pub mod decide;
pub mod score;
pub mod transition;
