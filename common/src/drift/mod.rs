//! Drift of the inputs: whether the rows that have come look like any stretch of the rows a version was trained on.
//!
//! A training leaves a [`Sketch`]: how each column's values are parted into a few dozen cells, how many training rows lie in each, and
//! how far stretches of the training rows, in their order, are from all the others. Later rows are counted into the same cells, at a
//! cost that depends on them alone, and [`Sketch::compare`] says which columns have drifted.
//!
//! Rows that follow one another are alike: calm and wild weeks, seasons, campaigns. So thresholds come from whole stretches and never
//! from single rows drawn at random: a distance has to be larger than that of any stretch there was, larger than chance allows at the
//! spread of those stretches, over all columns together, and large enough to matter. Missing values are a distance of their own.

mod calibration;
mod cells;
mod comparison;
mod distance;
mod familiar;
mod probability;
mod report;
mod sketch;
#[cfg(test)]
mod tests;
mod values;

pub use calibration::{Noise, Spread};
pub use cells::Cells;
pub use familiar::{Familiar, Known};
pub use report::{Aspect, ColumnDrift, Drift, InputDrift, Look};
pub use sketch::{ColumnSketch, Sketch, SketchError};
pub use values::{MISSING, Values};

/// Fewer new rows say nothing.
pub const MIN_ROWS: u64 = 40;
/// Fewer training rows do not show how much stretches of them differ: as many as eight of the shortest have.
pub const MIN_TRAINING_ROWS: u64 = (calibration::FEWEST * calibration::SHORTEST) as u64;
