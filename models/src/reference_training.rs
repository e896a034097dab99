//! What an incremental training costs in accuracy: a complete one on the same rows beside it.

use std::time::Instant;

use common::vocabulary::{IncrementalGap, Mode};

use crate::error::TrainError;
use crate::family::{Family, Fit, Recipe, Side};
use crate::run::{Observer, Phase};
use crate::training;

/// Trains completely, and compares on the holdout and on the rows the parent was fitted on.
pub(crate) fn gap<F: Family>(
    rows: &F::Rows,
    recipe: &Recipe<'_>,
    incremental: &mut F::Model,
    incremental_seconds: f64,
    observer: &mut dyn Observer,
) -> Result<IncrementalGap, TrainError> {
    let started = Instant::now();
    let mut fit = F::begin(rows, &Recipe { mode: Mode::Complete, ..*recipe }, None)?;
    training::run(&mut fit, Phase::Yardstick, None, observer)?;
    let mut complete = fit.finish()?;
    let complete_seconds = started.elapsed().as_secs_f64();
    let mut gap = |side| -> Result<f64, TrainError> {
        Ok(F::mean_loss(rows, incremental, side)? / F::mean_loss(rows, &mut complete, side)? - 1.0)
    };
    let (on_new, on_old) = (gap(Side::Holdout)?, gap(Side::Old)?);
    Ok(IncrementalGap { on_new, on_old, incremental_seconds, complete_seconds })
}
