//! Trainings: from a spec and its files to an artifact.
//!
//! [`plan`] says which rows are fitted in which order, [`fit`] does it step by step from a [`state`] that a [`checkpoint`] can
//! hold, [`judge`] scores the result, and [`job`] puts them together.

mod checkpoint;
mod fit;
mod forecasts;
mod job;
mod judge;
mod material;
mod plan;
mod recipe;
mod state;

pub(crate) use forecasts::in_returns;
pub(crate) use job::{evaluate, train};
