//! What is searched, unless somebody says otherwise.

use std::collections::BTreeMap;

use common::vocabulary::{Family, Hyper, HyperError};
use serde::{Deserialize, Serialize};

use super::axis::{Axis, InvalidAxis, Values};

/// What is searched: one axis a hyper-parameter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Space(pub Vec<Axis>);

impl Space {
    /// Only what somebody names; what is usual, if nothing is named. Whether a name is one, drawing says.
    ///
    /// # Errors
    /// The first that is nothing to search.
    pub fn given(base: &Hyper, named: &BTreeMap<String, String>) -> Result<Self, InvalidAxis> {
        if named.is_empty() {
            return Ok(usual(base.family()));
        }
        let axis = |(name, text): (&String, &String)| match name.as_str() {
            "seed" => Err(pointless(name, "one that suits the validation rows is luck")),
            "epochs" | "n_epochs" | "trees" => Err(pointless(name, "it is what trials are made shorter by")),
            "folds" => Err(pointless(name, "trials with other folds are measured on other rows")),
            name => Axis::read(name, text, base.is_whole(name))?.within(base.range(name), text),
        };
        named.iter().map(axis).collect::<Result<_, _>>().map(Self)
    }
}

fn pointless(name: &str, why: &'static str) -> InvalidAxis {
    InvalidAxis::Pointless { name: name.to_owned(), why }
}

/// What a model is trained with that takes over what was found: only what was searched changes.
///
/// # Errors
/// What the model has by now does not go together with it.
pub fn taken_over(now: &Hyper, found: &Hyper, space: &Space) -> Result<Hyper, HyperError> {
    let found = found.by_name();
    let changes = space.0.iter().filter_map(|axis| Some((axis.name.as_str(), found.get(&axis.name)?.as_str())));
    now.with(changes)
}

/// Ranges around the defaults, wide enough that the best lay inside on the data sets that the defaults were found on. Lengths are no
/// part of it: they are what trials are made shorter by.
pub fn usual(family: Family) -> Space {
    Space(match family {
        Family::Forecaster => vec![
            whole("layers", 1.0, 3.0),
            whole("hidden", 16.0, 128.0),
            whole("window", 20.0, 120.0),
            whole("batch_size", 16.0, 128.0),
            by_factors("learning_rate", 1e-4, 1e-2),
            by_factors("weight_decay", 1e-6, 1e-2),
        ],
        Family::Recommender => vec![
            whole("n_factors", 16.0, 128.0),
            by_factors("lr", 0.003, 0.03),
            evenly("lr_decay", 0.9, 1.0),
            by_factors("reg", 0.02, 0.3),
            by_factors("reg_bias", 0.005, 0.1),
            by_factors("reg_implicit", 0.003, 0.1),
        ],
        Family::Text => vec![
            whole("words", 1.0, 4.0),
            whole("gap", 0.0, 4.0),
            whole("chars_min", 2.0, 4.0),
            whole("chars_max", 4.0, 6.0),
            by_factors("smoothing", 0.1, 2.0),
            evenly("floor", 0.0, 1.0),
            by_factors("cost", 0.25, 32.0),
        ],
        Family::Tabular => vec![
            by_factors("ridge", 0.1, 100.0),
            by_factors("learning_rate", 3e-4, 1e-2),
            by_factors("weight_decay", 1e-4, 0.1),
            whole("hidden", 8.0, 64.0),
            by_factors("shrinkage", 0.02, 0.3),
            whole("leaves", 4.0, 32.0),
            whole("leaf_rows", 5.0, 60.0),
            by_factors("leaf_ridge", 0.1, 10.0),
            evenly("tree_columns", 0.2, 1.0),
        ],
    })
}

fn axis(name: &str, low: f64, high: f64, logarithmic: bool, whole: bool) -> Axis {
    Axis { name: name.to_owned(), values: Values::Between { low, high, logarithmic, whole } }
}

fn whole(name: &str, low: f64, high: f64) -> Axis {
    axis(name, low, high, low >= 4.0, true)
}

fn by_factors(name: &str, low: f64, high: f64) -> Axis {
    axis(name, low, high, true, false)
}

fn evenly(name: &str, low: f64, high: f64) -> Axis {
    axis(name, low, high, false, false)
}
