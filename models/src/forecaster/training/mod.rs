//! Trainings: from a spec and its files to an artifact.
//!
//! [`job`] is the whole of it: [`setup`] reads what the spec names and makes a [`plan`], which says what rows are fitted in
//! which order; [`fit`] does it step by step from a [`state`] that a [`checkpoint`] can hold; the result is calibrated
//! ([`fitted`]), scored beside others ([`judge`]) and, after an incremental training, held to a [`yardstick`].

mod checkpoint;
mod fit;
mod fitted;
mod forecasts;
mod job;
mod judge;
mod material;
mod plan;
mod recipe;
mod setup;
mod state;
mod yardstick;

pub(crate) use forecasts::in_returns;
pub(crate) use job::{evaluate, train};
