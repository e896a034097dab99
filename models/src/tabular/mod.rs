//! Models of tables: classification and regression on typed columns.
//!
//! `raw` → `dataset` → `guard`, `sides` → `fit` (`folds` × contestants → `choice` → all rows) → `model` → `scores`, `importance`;
//! `input`, `judge`, `answer` and `family`: models of records in the pipeline of all families.

mod answer;
mod boost;
mod choice;
mod dataset;
mod design;
mod encoder;
mod family;
pub mod figures;
mod fit;
mod folds;
pub mod guard;
mod importance;
mod input;
mod judge;
mod learner;
mod linear;
mod math;
mod model;
mod network;
mod progress;
pub mod raw;
mod scores;
pub mod sides;
mod stage;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tree;
mod update;

pub(crate) use answer::answer;
pub use dataset::Dataset;
pub(crate) use family::Tabular;
pub use fit::{Fit, Position};
pub use importance::importance;
pub use learner::Contestant;
pub use model::{Baseline, Member, Model, Prediction};
pub use scores::{Scores, scores};
