//! Answers past the backlog: a predictor of some worker is asked over the bus.
//!
//! ```text
//! predict, recommend, forecast ─► bus ─► a predictor ─► answers ─► whoever asked
//!         │
//!         └─► predictions: what was said, and what came of it        batch: files of rows, as jobs
//! ```

pub(crate) mod answers;
pub(crate) mod batch;
mod compat;
mod forecast;
mod given;
mod predict;
pub(crate) mod predictions;
mod user_ratings;
