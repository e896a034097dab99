//! What a training needs of its rows.

use common::vocabulary::{Ranged, TabularHyper};

use crate::error::TrainError;
use crate::tabular::dataset::Dataset;

/// Fewest rows to train on.
const FEWEST: usize = 30;

/// Checks hyper-parameters and rows.
///
/// # Errors
/// The first thing that is missing, and what to do.
pub(super) fn check(data: &Dataset, rows: &[usize], hyper: &TabularHyper) -> Result<(), TrainError> {
    hyper.check().map_err(|e| TrainError::Data(e.to_string()))?;
    if rows.len() < FEWEST {
        return Err(TrainError::Data(format!(
            "{} rows to train on, at least {FEWEST} are needed: add rows",
            rows.len()
        )));
    }
    if let Some(row) = rows.iter().find(|&&row| data.targets.get(row).is_none_or(|target| !target.is_finite())) {
        let key = data.keys.get(*row).map_or("?", String::as_str);
        return Err(TrainError::Data(format!(
            "the outcome of the row with key {key} is not known: leave it out until it is"
        )));
    }
    let ones = rows.iter().filter(|&&row| data.targets[row] == 1.0).count();
    let fewer = ones.min(rows.len() - ones);
    if data.schema.task.is_binary() && fewer < 2 * hyper.folds as usize {
        return Err(TrainError::Data(format!(
            "{ones} of {} rows are positive: at least {} of each class are needed to compare contestants; add rows or lower folds",
            rows.len(),
            2 * hyper.folds
        )));
    }
    Ok(())
}
