//! Forecasters: an LSTM over daily bars says how the next return is distributed.
//!
//! - [`features`]: from bars to rows, parted in time; [`dataset`] is what they become
//! - [`network`]: the forecaster's network, [`kernel`] its fused LSTM, [`optimiser`] what moves its weights
//! - [`score`]: how good forecasts are
//! - [`golden`]: what an artifact remembers of its answers

mod artifact;
pub mod dataset;
mod family;
pub mod features;
pub mod golden;
pub mod kernel;
mod model;
pub mod network;
pub mod optimiser;
mod predict;
pub mod score;
mod training;

pub(crate) use family::Forecaster;
pub(crate) use model::Model;
