//! Whether a new version goes live, and how far a live one can be trusted.
//!
//! Losses row by row become paired [`Series`] by date; `statistics` compares them; [`judge`] draws the conclusion; [`Skill`] and
//! its reliability say how sure it is that a version beats its baseline.

mod explanation;
mod gate;
mod reliability;
mod series;
mod side_by_side;
mod statistics;
#[cfg(test)]
mod tests;

pub use gate::{Against, Evidence, Judgement, Outcome, Recipe, Verdict, judge};
pub use reliability::{Prior, Skill, least_skill};
pub use series::Series;
pub use side_by_side::Paired;
pub use statistics::{Comparison, MeanEstimate};

/// On fewer rows (dates) nothing is judged and no reliability is known.
pub const MIN_ROWS: usize = common::vocabulary::SplitPolicy::MIN_HOLDOUT_ROWS as usize;
