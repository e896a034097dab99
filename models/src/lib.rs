//! The model families of Refit, on LibTorch: bars become rows, rows a trained network, a network an artifact.
//!
//! - [`run`]: what a worker calls
//! - [`dataset`]: rows and the bars they look at

pub mod dataset;
mod device;
mod error;
pub mod run;
