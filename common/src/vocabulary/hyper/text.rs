//! Hyper-parameters of the text classifier.

use serde::{Deserialize, Serialize};

use super::{FieldRange, HyperError, Ranged};

/// What a text classifier reads and how it is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextHyper {
    /// Longest run of words that is a feature.
    pub words: u32,
    /// Most words between the two of a pair that is a feature; 0 for no such pairs.
    pub gap: u32,
    /// Shortest run of characters inside a word that is a feature.
    pub chars_min: u32,
    /// Longest run of characters inside a word that is a feature.
    pub chars_max: u32,
    /// Features are hashed into 2 to this power slots, half of them for words and half for characters.
    pub hash_bits: u32,
    /// Training rows (their weights added up) a feature must occur in.
    pub min_rows: f64,
    /// Added to the counts of both classes before their ratio is taken.
    pub smoothing: f64,
    /// Least weight of a feature, however even the classes are on it; it lets later rows teach what it means.
    pub floor: f64,
    /// Cost of a row's loss against the norm of the weights (C of a support vector machine): larger fits closer.
    pub cost: f64,
    /// Most passes over the training rows.
    pub epochs: u32,
    /// Training ends when a pass changes the mean training loss by less than this share of it.
    pub tolerance: f64,
    /// Old rows that an incremental training sees again, for every new one.
    pub replay: f64,
    /// Rows made up from the training rows, for trying out: they teach, and never judge. A training with any is no real one: what
    /// follows it is complete.
    pub simulate: u32,
    /// Seed of every random draw.
    pub seed: u64,
}

impl Default for TextHyper {
    fn default() -> Self {
        Self {
            words: 3,
            gap: 3,
            chars_min: 3,
            chars_max: 5,
            hash_bits: 21,
            min_rows: 3.0,
            smoothing: 0.5,
            floor: 0.5,
            cost: 4.0,
            epochs: 30,
            tolerance: 1e-3,
            replay: 0.25,
            simulate: 0,
            seed: 42,
        }
    }
}

impl Ranged for TextHyper {
    const RANGES: &'static [FieldRange] = &[
        FieldRange { name: "words", min: 1.0, max: 4.0 },
        FieldRange { name: "gap", min: 0.0, max: 10.0 },
        FieldRange { name: "chars_min", min: 1.0, max: 8.0 },
        FieldRange { name: "chars_max", min: 1.0, max: 8.0 },
        FieldRange { name: "hash_bits", min: 12.0, max: 24.0 },
        FieldRange { name: "min_rows", min: 1.0, max: 1000.0 },
        FieldRange { name: "smoothing", min: 0.01, max: 100.0 },
        FieldRange { name: "floor", min: 0.0, max: 10.0 },
        FieldRange { name: "cost", min: 1e-3, max: 1e3 },
        FieldRange { name: "epochs", min: 1.0, max: 1000.0 },
        FieldRange { name: "tolerance", min: 0.0, max: 0.1 },
        FieldRange { name: "replay", min: 0.0, max: 100.0 },
        FieldRange { name: "simulate", min: 0.0, max: 100_000.0 },
    ];

    fn consistent(&self) -> Result<(), HyperError> {
        if self.chars_min > self.chars_max {
            let (value, max) = (f64::from(self.chars_min), f64::from(self.chars_max));
            return Err(HyperError::OutOfRange { name: "chars_min", value, min: 1.0, max });
        }
        Ok(())
    }
}

impl TextHyper {
    /// Whether a model of these reads texts as one of the others does. If not, only a complete training can follow it.
    pub fn reads_like(&self, other: &Self) -> bool {
        self.reading() == other.reading()
    }

    /// How texts are read and scaled, as a text to be compared.
    pub(super) fn reading(&self) -> String {
        let Self { words, gap, chars_min, chars_max, hash_bits, min_rows, smoothing, floor, cost, .. } = self;
        format!("{words}x{gap}x{chars_min}x{chars_max}x{hash_bits}x{min_rows}x{smoothing}x{floor}x{cost}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let base = TextHyper::default();
        base.check().unwrap();
        let refused = |hyper: TextHyper| hyper.check().unwrap_err().to_string();
        assert_eq!(refused(TextHyper { words: 5, ..base.clone() }), "words = 5 is out of range: 1 to 4");
        assert_eq!(refused(TextHyper { chars_min: 6, ..base.clone() }), "chars_min = 6 is out of range: 1 to 5");
        assert!(TextHyper { cost: f64::NAN, ..base.clone() }.check().is_err());
        assert!(serde_json::from_str::<TextHyper>(r#"{"word": 2}"#).is_err());
        assert_eq!(serde_json::from_str::<TextHyper>(r#"{"words": 1}"#).unwrap(), TextHyper { words: 1, ..base });
    }

    /// D2: an incremental training keeps how its parent reads.
    #[test]
    fn only_what_changes_the_features_needs_a_complete_training() {
        let base = TextHyper::default();
        assert!(base.reads_like(&TextHyper { epochs: 3, replay: 2.0, seed: 7, ..base.clone() }));
        assert!(!base.reads_like(&TextHyper { floor: 0.1, ..base.clone() }));
        assert!(!base.reads_like(&TextHyper { chars_max: 4, ..base.clone() }));
    }
}
