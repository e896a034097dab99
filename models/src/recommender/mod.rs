//! Recommender: ratings become a factorisation that predicts ratings and makes lists.
//!
//! - [`mod@ratings`]: the ratings that hold, with dense ids; [`split`] parts them in time
//! - [`fit`]: a training, complete or incremental, pass by pass
//! - [`model`]: predictions, folding in a user from their ratings; [`recommend`]: lists with reasons
//! - `rows`, `judge` and `family`: the recommender in the pipeline of all families
//! - [`baseline`]: what it must beat; [`evaluate`] and [`ranking`]: by how much; [`golden`]: answers to keep

mod answer;
pub mod baseline;
mod drift;
pub mod evaluate;
mod factors;
mod family;
pub mod fit;
mod fold_in;
pub mod golden;
mod importance;
mod increment;
mod judge;
mod lanes;
mod matrix;
pub mod model;
mod neighbours;
mod pace;
mod pass;
pub mod ranking;
pub mod ratings;
pub mod recommend;
mod rows;
pub mod split;
#[cfg(test)]
mod tests;
mod training;
mod validation;

pub(crate) use answer::{list, ratings};
pub(crate) use family::Recommender;
pub use training::Sides;
