//! Hyper-parameters of a model of records.

use serde::{Deserialize, Serialize};

use super::{FieldRange, Ranged};

/// How a tabular model is chosen and trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TabularHyper {
    /// Inner folds on which contestants are compared; dated rows: blocks forward in time.
    pub folds: u32,
    /// Ridge penalty of the linear contestant, on standardised inputs.
    pub ridge: f64,
    /// Most passes of the network over its rows; 0 leaves the network out.
    pub epochs: u32,
    /// Rows per step of the network.
    pub batch_size: u32,
    /// Step size of Adam.
    pub learning_rate: f64,
    /// Decoupled weight decay of the network.
    pub weight_decay: f64,
    /// Hidden units of the network.
    pub hidden: u32,
    /// Most trees of the boosting; 0 leaves it out.
    pub trees: u32,
    /// What each tree contributes.
    pub shrinkage: f64,
    /// Most leaves of a tree.
    pub leaves: u32,
    /// Fewest rows of a leaf.
    pub leaf_rows: u32,
    /// Ridge penalty on the value of a leaf.
    pub leaf_ridge: f64,
    /// Share of the columns that a tree may split on.
    pub tree_columns: f64,
    /// Rounds (of 10 trees, or epochs) without a better validation loss before a contestant stops.
    pub patience: u32,
    /// A contestant this far behind the best, relative to its validation loss, leaves the race after the first fold.
    pub race_margin: f64,
    /// Categories with fewer training rows than this share a bucket with those never seen.
    pub rare: u32,
    /// Old rows replayed for every new row of an incremental training.
    pub replay: f64,
    /// Seed of every random draw.
    pub seed: u64,
}

impl Default for TabularHyper {
    fn default() -> Self {
        Self {
            folds: 3,
            ridge: 3.0,
            epochs: 20,
            batch_size: 32,
            learning_rate: 3e-3,
            weight_decay: 1e-2,
            hidden: 16,
            trees: 100,
            shrinkage: 0.1,
            leaves: 8,
            leaf_rows: 20,
            leaf_ridge: 1.0,
            tree_columns: 0.5,
            patience: 4,
            race_margin: 0.02,
            rare: 20,
            replay: 4.0,
            seed: 42,
        }
    }
}

impl Ranged for TabularHyper {
    const RANGES: &'static [FieldRange] = &[
        FieldRange { name: "folds", min: 2.0, max: 10.0 },
        FieldRange { name: "ridge", min: 1e-3, max: 1e4 },
        FieldRange { name: "epochs", min: 0.0, max: 500.0 },
        FieldRange { name: "batch_size", min: 4.0, max: 1024.0 },
        FieldRange { name: "learning_rate", min: 1e-6, max: 0.1 },
        FieldRange { name: "weight_decay", min: 0.0, max: 1.0 },
        FieldRange { name: "hidden", min: 2.0, max: 128.0 },
        FieldRange { name: "trees", min: 0.0, max: 5000.0 },
        FieldRange { name: "shrinkage", min: 1e-3, max: 1.0 },
        FieldRange { name: "leaves", min: 2.0, max: 128.0 },
        FieldRange { name: "leaf_rows", min: 1.0, max: 10_000.0 },
        FieldRange { name: "leaf_ridge", min: 0.0, max: 1e4 },
        FieldRange { name: "tree_columns", min: 0.05, max: 1.0 },
        FieldRange { name: "patience", min: 1.0, max: 100.0 },
        FieldRange { name: "race_margin", min: 0.0, max: 10.0 },
        FieldRange { name: "rare", min: 1.0, max: 1000.0 },
        FieldRange { name: "replay", min: 0.0, max: 100.0 },
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B5: parameters as JSON, checked by name.
    #[test]
    fn values_out_of_range_and_unknown_names_are_refused() {
        TabularHyper::default().check().unwrap();
        let hyper: TabularHyper = serde_json::from_str(r#"{"epochs": 7, "batch_size": 64}"#).unwrap();
        assert_eq!((hyper.epochs, hyper.batch_size, hyper.folds), (7, 64, 3));
        let refused = TabularHyper { folds: 1, ..TabularHyper::default() }.check().unwrap_err();
        assert_eq!(refused.to_string(), "folds = 1 is out of range: 2 to 10");
        assert!(TabularHyper { ridge: f64::NAN, ..TabularHyper::default() }.check().is_err());
        assert!(serde_json::from_str::<TabularHyper>(r#"{"epoch": 7}"#).is_err());
        let fields = serde_json::to_value(TabularHyper::default()).unwrap();
        let names: Vec<&str> = TabularHyper::RANGES.iter().map(|range| range.name).collect();
        assert!(names.iter().all(|name| fields.get(name).is_some()));
        assert_eq!(fields.as_object().unwrap().len(), names.len() + 1, "all but the seed have a range");
    }
}
