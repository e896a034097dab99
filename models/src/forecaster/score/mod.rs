//! How good forecasts are: distributions, their scores, baselines, and the table of a holdout.

pub mod baseline;
pub mod calibration;
mod direction;
pub mod evaluate;
mod metrics;
mod minimise;
mod shape;
mod student_t;

pub use baseline::Baselines;
pub use calibration::scale_factor;
pub use direction::wilson;
pub use evaluate::{Entrant, EvaluateError, Outcome, evaluate};
pub use shape::Shape;
pub use student_t::StudentT;
