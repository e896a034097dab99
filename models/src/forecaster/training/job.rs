//! A job from its spec to its result.

use std::path::Path;
use std::time::Instant;

use common::losses::Contestant;
use common::vocabulary::{
    ContentHash, EvaluateSpec, Evaluation, ForecasterHyper, Hyper, IncrementalGap, Manifest, Mode, Resumption,
    TrainSpec, TrainingRecord, files,
};

use super::fit::{Checkpoints, Fit};
use super::fitted::Fitted;
use super::judge::{Holdout, entrant};
use super::recipe::Recipe;
use super::setup::Setup;
use super::state::State;
use super::{checkpoint, material, yardstick};
use crate::device::{self, Device};
use crate::error::TrainError;
use crate::forecaster::artifact::{self, Draft, Lens, Loaded};
use crate::forecaster::dataset::RowIndex;
use crate::forecaster::features::Split;
use crate::run::{Identity, Inputs, Observer, Phase, Stop, Update};
use crate::safe;

/// See [`crate::run::train`].
pub(crate) fn train(
    spec: &TrainSpec,
    batch_size: Option<u32>,
    identity: Identity,
    inputs: &Inputs,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<Manifest, TrainError> {
    let started = Instant::now();
    let Hyper::Forecaster(hyper) = &spec.hyper;
    let hyper = ForecasterHyper { batch_size: batch_size.unwrap_or(hyper.batch_size), ..hyper.clone() };
    loading(observer)?;
    let setup = Setup::new(spec, hyper, inputs, device)?;
    let Setup { prepared, plan, parent, .. } = &setup;

    let hyper = Hyper::Forecaster(setup.hyper.clone());
    let recipe = Recipe::new(spec, &hyper, device)?;
    let (state, resumption) = match &inputs.resume {
        None => (State::start(plan), Resumption::None),
        Some(path) => checkpoint::read(path, &recipe, plan.initial.len()).unwrap_or_else(|because| {
            tracing::warn!(%because, "starting over");
            (State::start(plan), Resumption::StartedOver { because })
        }),
    };
    let checkpoints = Checkpoints { folder: &inputs.scratch, recipe: &recipe };
    let mut fit = Fit::new(plan, &prepared.data, device, state);
    fit.run(Phase::Training, Some(&checkpoints), observer)?;

    enter(Phase::Evaluating, &fit, &checkpoints, observer)?;
    let mut fitted = Fitted::new(fit.best_network(device), prepared)?;
    let holdout = Holdout { series: &setup.series, data: &prepared.data, split: &prepared.split };
    let held_out: Vec<RowIndex> = prepared.split.holdout.clone().collect();
    let seen_through = setup.seen_through();
    let challenger = entrant(Contestant::Challenger, Some(seen_through), fitted.forecasts(prepared, &held_out)?);
    let (losses, evaluation) = holdout.judge(challenger, &spec.contestants, inputs, device)?;
    let so_far = started.elapsed().as_secs_f64();
    let gap: Option<IncrementalGap> = match parent.as_ref().filter(|_| spec.yardstick) {
        None => None,
        Some(parent) => {
            enter(Phase::Yardstick, &fit, &checkpoints, observer)?;
            Some(yardstick::gap(&setup, parent, &mut fitted, so_far, device, observer)?)
        }
    };

    let golden = fitted.golden(prepared)?;
    let lens = Lens { network: plan.shape, inputs: prepared.preprocessing.clone(), calibration: fitted.calibration };
    let draft = Draft {
        weights: &fitted.network.weights(),
        lens: &lens,
        golden: &golden,
        sketch: &prepared.sketch,
        losses: &losses,
    };
    let manifest = Manifest {
        format: Manifest::FORMAT,
        model: spec.model.clone(),
        job: identity.job,
        attempt: identity.attempt,
        mode: spec.mode,
        parent: spec.parent.clone().filter(|_| spec.mode == Mode::Incremental),
        snapshot: setup.snapshot(spec),
        split: spec.split.clone(),
        hyper,
        spec_hash: recipe.on_platform()?,
        seen_through,
        data_through: material::data_through(&setup.series).unwrap_or_default(),
        device: device::name(device),
        libraries: recipe.platform.clone(),
        training: record(&fit, resumption, so_far),
        evaluation,
        gap,
        files: Default::default(),
    };
    let manifest = artifact::write(&inputs.output, &draft, manifest)?;
    // What nobody could open, or what would answer otherwise than it did here, is no result.
    Loaded::open(&inputs.output, &ContentHash::of_file(&inputs.output.join(files::MANIFEST))?, device)?;
    Ok(manifest)
}

/// See [`crate::run::evaluate`].
pub(crate) fn evaluate(
    spec: &EvaluateSpec,
    challenger: &Path,
    inputs: &Inputs,
    device: Device,
) -> Result<Evaluation, TrainError> {
    let series = material::series(&spec.snapshot, &inputs.parts)?;
    let mut version = Loaded::open(challenger, &spec.challenger.manifest, device)?;
    let data = version.lens.inputs.dataset(&series, version.symbols());
    let split = Split::of(&data.rows, &spec.split);
    let holdout = Holdout { series: &series, data: &data, split: &split };
    let entrant = holdout.entrant(Contestant::Challenger, &mut version)?;
    let (losses, evaluation) = holdout.judge(entrant, &spec.contestants, inputs, device)?;
    let losses = common::losses::encode(&losses).map_err(|error| TrainError::Code(error.to_string()))?;
    safe::write_whole(&inputs.output.join(files::LOSSES), &losses)?;
    Ok(evaluation)
}

/// Says that the bars are being read, and ends here if that is wanted.
fn loading(observer: &mut dyn Observer) -> Result<(), TrainError> {
    let nothing_yet =
        Update { phase: Phase::Loading, epoch: 0, epochs: 0, step: 0, steps: 0, loss: None, curve: Vec::new() };
    observer.progress(&nothing_yet);
    observer.stop().map_or(Ok(()), |stop| Err(TrainError::Stopped(stop)))
}

/// Says what comes after the fit, and ends here if that is wanted: a released job keeps its finished fit.
fn enter(
    phase: Phase,
    fit: &Fit<'_>,
    checkpoints: &Checkpoints<'_>,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    observer.progress(&fit.update(phase));
    let Some(stop) = observer.stop() else { return Ok(()) };
    if stop == Stop::Release {
        fit.checkpoint(Some(checkpoints), observer)?;
    }
    Err(TrainError::Stopped(stop))
}

fn record(fit: &Fit<'_>, resumption: Resumption, seconds: f64) -> TrainingRecord {
    let (plan, position) = (fit.plan(), fit.position());
    TrainingRecord {
        train_rows: plan.rows_per_epoch() as u64,
        new_rows: plan.fresh.len() as u64,
        validation_rows: plan.validation.len() as u64,
        epochs: position.curve.len() as u32,
        best_epoch: position.best().map_or(0, |best| best.epoch),
        steps: position.step,
        seconds,
        curve: position.curve.clone(),
        resumption,
    }
}
