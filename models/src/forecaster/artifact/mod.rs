//! A forecaster's own files of an artifact.

mod open;
mod script;
mod write;

pub(crate) use open::{open, output};
use serde::{Deserialize, Serialize};
pub(crate) use write::write;

use crate::forecaster::features::Preprocessing;
use crate::forecaster::network::Shape;

/// `preprocessing.json`: from bars to the network's inputs, and from its answers to returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkPreprocessing {
    /// The sizes of the network behind it.
    pub(crate) network: Shape,
    /// From bars to inputs.
    pub(crate) inputs: Preprocessing,
    /// Factor on the scale, fitted on validation rows.
    pub(crate) calibration: f64,
}
