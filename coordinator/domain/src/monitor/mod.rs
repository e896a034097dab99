//! Life after promotion: how a live version does on rows that have come since, and whether the one before it would do better.

mod health;
mod inputs;
mod rollback;

pub use health::{Condition, Health, Record, Thresholds, assess};
pub use inputs::{InputRecord, next_look};
pub use rollback::{Bound, CONFIDENCE, MIN_OBSERVATIONS, bound};
