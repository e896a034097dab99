//! The model families of Refit, on LibTorch: bars become rows, rows a trained network, a network an artifact.
//!
//! - [`run`]: what a worker calls
//! - [`dataset`]: rows and the bars they look at
//! - [`features`]: from bars to rows, parted in time
//! - [`score`]: how good forecasts are
//! - [`sketch`] and [`golden`]: what an artifact remembers of its inputs and answers

pub mod dataset;
mod device;
mod error;
pub mod features;
pub mod golden;
pub mod run;
pub mod score;
pub mod sketch;
