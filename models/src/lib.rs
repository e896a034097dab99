//! The model families of Refit, on LibTorch: bars become rows, rows a trained network, a network an artifact.
//!
//! - [`run`]: what a worker calls
//! - [`features`]: from bars to rows, parted in time; [`dataset`] is what they become
//! - [`network`]: the forecaster's network, [`kernel`] its fused LSTM, [`optimiser`] what moves its weights
//! - [`random`]: every random draw, as a pure function
//! - [`score`]: how good forecasts are
//! - [`sketch`] and [`golden`]: what an artifact remembers of its inputs and answers

mod artifact;
pub mod dataset;
mod device;
mod error;
pub mod features;
pub mod golden;
pub mod kernel;
pub mod network;
pub mod optimiser;
mod predict;
pub mod random;
pub mod run;
pub mod score;
pub mod sketch;
mod training;
