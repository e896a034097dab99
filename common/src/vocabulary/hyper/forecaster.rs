//! What an LSTM forecaster is made of.

use serde::{Deserialize, Serialize};

use super::{FieldRange, Ranged};

/// What an LSTM forecaster is made of and how it is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ForecasterHyper {
    /// LSTM layers.
    pub layers: u32,
    /// Hidden units per layer.
    pub hidden: u32,
    /// Bars a forecast looks back on.
    pub window: u32,
    /// Most passes over the training rows.
    pub epochs: u32,
    /// Rows per step.
    pub batch_size: u32,
    /// Step size of AdamW at its peak.
    pub learning_rate: f64,
    /// Decoupled weight decay of AdamW.
    pub weight_decay: f64,
    /// Largest norm of the gradient; longer ones are scaled down.
    pub clip: f64,
    /// Epochs without a better validation loss before training stops.
    pub patience: u32,
    /// Seed of every random draw.
    pub seed: u64,
}

impl Default for ForecasterHyper {
    fn default() -> Self {
        Self {
            layers: 2,
            hidden: 50,
            window: 60,
            epochs: 20,
            batch_size: 32,
            learning_rate: 1e-3,
            weight_decay: 1e-4,
            clip: 1.0,
            patience: 5,
            seed: 42,
        }
    }
}

impl Ranged for ForecasterHyper {
    const RANGES: &'static [FieldRange] = &[
        FieldRange { name: "layers", min: 1.0, max: 4.0 },
        FieldRange { name: "hidden", min: 4.0, max: 256.0 },
        FieldRange { name: "window", min: 5.0, max: 250.0 },
        FieldRange { name: "epochs", min: 1.0, max: 500.0 },
        FieldRange { name: "batch_size", min: 4.0, max: 1024.0 },
        FieldRange { name: "learning_rate", min: 1e-6, max: 0.1 },
        FieldRange { name: "weight_decay", min: 0.0, max: 0.1 },
        FieldRange { name: "clip", min: 0.01, max: 100.0 },
        FieldRange { name: "patience", min: 1.0, max: 100.0 },
    ];
}
