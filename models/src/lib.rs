//! The model families of Refit: rows become a trained model, a model an artifact, an artifact answers.
//!
//! - [`run`]: what a worker calls
//! - [`forecaster`]: the LSTM over daily bars

mod device;
mod error;
pub mod forecaster;
pub mod run;
mod safe;
