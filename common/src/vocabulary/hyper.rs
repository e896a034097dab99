//! Hyper-parameters, checked before a job is made.

use serde::{Deserialize, Serialize};

use crate::nearest::nearest;

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

/// The values one hyper-parameter may take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FieldRange {
    /// Its name.
    pub name: &'static str,
    /// Smallest value allowed.
    pub min: f64,
    /// Largest value allowed.
    pub max: f64,
}

/// A hyper-parameter cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HyperError {
    /// Its value is out of range.
    #[error("{name} = {value} is out of range: {min} to {max}")]
    OutOfRange {
        /// The field.
        name: &'static str,
        /// What was asked for.
        value: f64,
        /// Smallest value allowed.
        min: f64,
        /// Largest value allowed.
        max: f64,
    },
    /// There is no such hyper-parameter.
    #[error("there is no hyper-parameter {name:?}{}", .hint.as_ref().map(|h| format!("; did you mean {h:?}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest one there is.
        hint: Option<String>,
    },
    /// Its value has another type.
    #[error("{name} = {value}: {reason}")]
    Malformed {
        /// The field.
        name: String,
        /// What was asked for.
        value: String,
        /// What the parser said.
        reason: String,
    },
}

impl ForecasterHyper {
    /// The ranges, in the order of the fields; `seed` takes any value.
    pub const RANGES: &'static [FieldRange] = &[
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

    /// Checks every field against [`Self::RANGES`].
    ///
    /// # Errors
    /// The first field out of range (NaN included).
    pub fn validate(&self) -> Result<(), HyperError> {
        let values = [
            f64::from(self.layers),
            f64::from(self.hidden),
            f64::from(self.window),
            f64::from(self.epochs),
            f64::from(self.batch_size),
            self.learning_rate,
            self.weight_decay,
            self.clip,
            f64::from(self.patience),
        ];
        for (range, value) in Self::RANGES.iter().zip(values) {
            if !(range.min..=range.max).contains(&value) {
                return Err(HyperError::OutOfRange { name: range.name, value, min: range.min, max: range.max });
            }
        }
        Ok(())
    }

    /// These hyper-parameters with some replaced, by name (`epochs` → `20`), checked.
    ///
    /// # Errors
    /// An unknown name, a value of another type, or one out of range.
    pub fn with<'a>(&self, changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, HyperError> {
        let malformed = |name: &str, value: &str, reason: String| HyperError::Malformed {
            name: name.into(),
            value: value.chars().take(80).collect(),
            reason,
        };
        let as_json = |this: &Self| match serde_json::to_value(this) {
            Ok(serde_json::Value::Object(map)) => map,
            _ => serde_json::Map::new(),
        };
        let mut current = self.clone();
        for (name, value) in changes {
            let mut fields = as_json(&current);
            if !fields.contains_key(name) {
                let hint = nearest(name, fields.keys().map(String::as_str));
                return Err(HyperError::Unknown { name: name.chars().take(80).collect(), hint });
            }
            let parsed =
                serde_json::from_str(value).map_err(|_| malformed(name, value, "a number is needed".into()))?;
            fields.insert(name.to_owned(), parsed);
            current = serde_json::from_value(fields.into()).map_err(|e| malformed(name, value, e.to_string()))?;
        }
        current.validate()?;
        Ok(current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let base = ForecasterHyper::default();
        base.validate().unwrap();
        let refused = |name, value| base.with([(name, value)]).unwrap_err().to_string();
        assert_eq!(refused("epochs", "0"), "epochs = 0 is out of range: 1 to 500");
        assert_eq!(refused("epoch", "5"), "there is no hyper-parameter \"epoch\"; did you mean \"epochs\"?");
        assert!(refused("epochs", "many").starts_with("epochs = many: a number is needed"));
        assert!(refused("layers", "1.5").starts_with("layers = 1.5: invalid type"));
        assert_eq!(base.with([("epochs", "7"), ("hidden", "16")]).unwrap().epochs, 7);
        assert!(ForecasterHyper { learning_rate: f64::NAN, ..base }.validate().is_err());
    }
}
