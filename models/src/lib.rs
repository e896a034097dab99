//! The model families of Refit: rows become a trained model, a model an artifact, an artifact answers.
//!
//! - [`run`]: what a worker calls
//! - `family`: what a family is; `training` is the road that all of them take, with `checkpoint`, `contestants`, `yardstick`,
//!   `artifact` and `version` along it
//! - [`forecaster`]: the LSTM over daily bars
//! - [`tensors`]: numbers by name, as weights and checkpoints hold them

mod artifact;
mod checkpoint;
mod contestants;
mod device;
mod error;
mod family;
mod files;
mod fingerprint;
pub mod forecaster;
mod loaded;
pub mod run;
pub mod tensors;
mod training;
mod version;
mod yardstick;
