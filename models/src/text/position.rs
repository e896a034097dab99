//! Where a training stands.

use serde::{Deserialize, Serialize};

/// The losses of one pass over the training rows, in nats a row, before calibration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Of the training rows, each as it was before the pass reached it.
    pub train: f64,
    /// Of the validation rows, after the pass.
    pub validation: f64,
}

/// Where a training stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Passes done.
    pub epoch: u32,
    /// Most passes there will be; a training that has settled ends earlier.
    pub epochs: u32,
    /// The training loss of the last pass; `None` before the first.
    pub loss: Option<f64>,
    /// The losses of every pass.
    pub curve: Vec<Epoch>,
    /// Whether nothing is left to do.
    pub done: bool,
}
