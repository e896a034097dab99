//! The model families of Refit: rows become a trained model, a model an artifact, an artifact answers.
//!
//! - [`run`]: what a worker calls
//! - `family`: what a family is; `training` is the pipeline that all of them go through, with `checkpoint`, `contestants`, `reference_training`,
//!   `artifact` and `version` along it
//! - [`forecaster`]: the LSTM over daily bars
//! - [`recommender`]: ratings factorised; [`text`]: a classifier of texts; [`tabular`]: models of
//!   records; `table` are the rows of a data set they read
//! - `batch`: many rows predicted by a finished version
//! - [`sketch`]: what an artifact says of its inputs to people; `inputs`: by which later ones are compared
//! - [`tensors`]: numbers by name, as weights and checkpoints hold them

mod artifact;
mod batch;
mod by_date;
mod checkpoint;
mod contestants;
mod device;
mod error;
mod family;
mod files;
mod fingerprint;
pub mod forecaster;
mod inputs;
mod loaded;
mod memory;
mod monitoring;
mod plain;
pub mod recommender;
mod reference_training;
pub mod run;
pub mod sketch;
mod table;
pub mod tabular;
pub mod tensors;
pub mod text;
mod training;
mod trial;
mod trust;
mod unseen;
mod version;
