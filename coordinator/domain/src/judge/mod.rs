//! Whether a new version goes live, and how far a live one can be trusted.
//!
//! Losses row by row become [`Paired`] ones, as the family's [`Pairing`] says: a [`Series`] of dates, compared in `statistics`, or
//! [`Units`] such as users. [`judge`] draws the conclusion; [`Skill`] and its reliability say how sure it is that a version beats
//! its baseline.

mod against;
mod explanation;
mod finding;
mod gate;
mod pairing;
mod reliability;
mod series;
mod side_by_side;
mod slices;
mod statistics;
#[cfg(test)]
mod tests;
mod units;

pub use against::Against;
pub use finding::Finding;
pub use gate::{Evidence, Judgement, Outcome, Recipe, Verdict, judge};
pub use pairing::{Paired, Pairing};
pub use reliability::{Fleet, Prior, Skill, least_skill};
pub use series::Series;
pub use side_by_side::{Compared, Conclusion, SideBySide};
pub use statistics::{Comparison, MeanEstimate};
pub use units::Units;

/// On fewer rows (dates, units) nothing is judged and no reliability is known.
pub const MIN_ROWS: usize = common::vocabulary::SplitPolicy::MIN_HOLDOUT_ROWS as usize;
