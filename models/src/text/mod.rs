//! Text: a binary classifier on hashed word and character n-grams with TF-IDF and NB-weighted logistic regression.
//!
//! Rows flow one way: `data` (entries become rows) → `side` (who may see them) → `tokens` → `ngrams` → `scale` (counts of
//! the training rows become a weight for each n-gram) → `logistic` (the solver) → `calibration` → `model` → `scores`. `input`, `judge` and `family` put them on the
//! pipeline of all families.

mod answer;
mod calibration;
mod canonical;
mod columns;
mod data;
mod delong;
mod drift;
mod family;
mod figures;
mod fit;
mod guard;
mod input;
mod judge;
mod logistic;
mod maths;
mod model;
mod ngrams;
mod position;
mod prior;
mod readable;
mod sample;
mod scale;
mod scores;
mod side;
mod simulate;
mod sparse;
mod style;
#[cfg(test)]
mod tests;
mod tokens;
mod validation;

pub(crate) use answer::answer;
pub use canonical::{canonical, group};
pub use data::{Example, Refusal, Row, TextEntry, Texts};
pub use delong::{Difference, delong, pooled};
pub(crate) use family::Text;
pub use figures::{Figures, figures, log_loss};
pub use fit::Fit;
pub use model::{Golden, Model, TextOutput};
pub use ngrams::Kind;
pub use position::{Epoch, Position};
pub use readable::Term;
pub use scores::{MIN_SLICE, Report, Scored, Slice, score};
pub use side::Side;
pub use style::styles;
