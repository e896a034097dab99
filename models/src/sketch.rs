//! `sketch.json`: what the inputs looked like on the training rows, so that later ones can be compared without the rows.

use serde::{Deserialize, Serialize};

use crate::forecaster::features::scaler::quantile;

/// The shares whose quantiles are kept.
pub const SHARES: [f64; 11] = [0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0];

/// One input, unscaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureSketch {
    /// Its name.
    pub name: String,
    /// Values seen.
    pub count: u64,
    /// Of them, not a finite number.
    pub nulls: u64,
    /// Pairs of share and value, in order; empty without values.
    pub quantiles: Vec<(f64, f64)>,
}

/// Every input of the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// In the order of the inputs.
    pub features: Vec<FeatureSketch>,
}

/// A sketch cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    /// It describes other inputs than the version has.
    #[error("the sketch describes {found:?}, but the version reads {expected:?}")]
    OtherFeatures {
        /// The inputs it names.
        found: Vec<String>,
        /// The inputs of the version.
        expected: Vec<String>,
    },
    /// Quantiles of this input fall.
    #[error("the quantiles of {0:?} are not in order")]
    NotInOrder(String),
}

impl Sketch {
    /// Sketches columns by name, in this order.
    pub(crate) fn of_columns<'a>(columns: impl IntoIterator<Item = (&'a str, Vec<f64>)>) -> Self {
        let sketch = |(name, mut column): (&'a str, Vec<f64>)| {
            column.sort_by(f64::total_cmp);
            Self::feature(name, &column)
        };
        Self { features: columns.into_iter().map(sketch).collect() }
    }

    /// Sketches columns that are sorted by [`f64::total_cmp`] already.
    pub(crate) fn of_sorted<'a>(columns: impl IntoIterator<Item = (&'a str, &'a Vec<f64>)>) -> Self {
        Self { features: columns.into_iter().map(|(name, column)| Self::feature(name, column)).collect() }
    }

    fn feature(name: &str, column: &[f64]) -> FeatureSketch {
        let finite: Vec<f64> = column.iter().copied().filter(|x| x.is_finite()).collect();
        let quantiles = SHARES.iter().map(|&share| (share, quantile(&finite, share)));
        FeatureSketch {
            name: name.to_owned(),
            count: column.len() as u64,
            nulls: (column.len() - finite.len()) as u64,
            quantiles: if finite.is_empty() { Vec::new() } else { quantiles.collect() },
        }
    }

    /// Checks that it fits a version with these inputs.
    ///
    /// # Errors
    /// Other inputs, or quantiles that fall.
    pub fn check(&self, features: &[String]) -> Result<(), SketchError> {
        let found: Vec<String> = self.features.iter().map(|f| f.name.clone()).collect();
        if found != features {
            return Err(SketchError::OtherFeatures { found, expected: features.to_vec() });
        }
        match self.features.iter().find(|f| !f.quantiles.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1)) {
            Some(fallen) => Err(SketchError::NotInOrder(fallen.name.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sketches_count_what_is_missing() {
        let full: Vec<f64> = [f64::NAN].into_iter().chain((0..=100).rev().map(f64::from)).collect();
        let sketch = Sketch::of_columns([("return", full), ("gap", Vec::new())]);
        assert_eq!((sketch.features[0].count, sketch.features[0].nulls), (102, 1));
        assert_eq!(sketch.features[0].quantiles[5], (0.5, 50.0));
        assert!(sketch.features[1].quantiles.is_empty());
        let names = ["return", "gap"].map(str::to_owned);
        sketch.check(&names).unwrap();
        assert!(matches!(sketch.check(&names[1..]), Err(SketchError::OtherFeatures { .. })));
        let mut altered = sketch.clone();
        altered.features[0].quantiles[5].1 = -1.0;
        assert_eq!(altered.check(&names), Err(SketchError::NotInOrder("return".into())));
        assert_eq!(serde_json::from_str::<Sketch>(&serde_json::to_string(&sketch).unwrap()).unwrap(), sketch);
    }
}
