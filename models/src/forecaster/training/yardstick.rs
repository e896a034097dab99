//! What an incremental training costs in accuracy: a complete one on the same rows beside it.

use std::time::Instant;

use common::vocabulary::IncrementalGap;

use super::fit::Fit;
use super::fitted::Fitted;
use super::plan::Plan;
use super::setup::{Parent, Setup};
use super::state::State;
use crate::device::Device;
use crate::error::TrainError;
use crate::forecaster::dataset::RowIndex;
use crate::run::{Observer, Phase};

/// Trains completely, and compares on the holdout and on the rows the parent was fitted on.
pub(super) fn gap(
    setup: &Setup,
    parent: &Parent,
    incremental: &mut Fitted,
    incremental_seconds: f64,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<IncrementalGap, TrainError> {
    let started = Instant::now();
    let prepared = &setup.prepared;
    let plan = Plan::complete(setup.plan.shape, &setup.hyper, &prepared.split);
    let mut fit = Fit::new(&plan, &prepared.data, device, State::start(&plan));
    fit.run(Phase::Yardstick, None, observer)?;
    let mut complete = Fitted::new(fit.best_network(device), prepared)?;
    let complete_seconds = started.elapsed().as_secs_f64();
    let mut gap = |rows: Vec<RowIndex>| -> Result<f64, TrainError> {
        Ok(incremental.crps(prepared, &rows)? / complete.crps(prepared, &rows)? - 1.0)
    };
    let on_new = gap(prepared.split.holdout.clone().collect())?;
    let on_old = gap(parent.fitted.clone().collect())?;
    Ok(IncrementalGap { on_new, on_old, incremental_seconds, complete_seconds })
}
