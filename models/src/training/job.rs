//! A job from its spec to its result.

use std::path::Path;
use std::time::Instant;

use chrono::NaiveDate;
use common::losses::Contestant;
use common::vocabulary::{
    ContentHash, EvaluateSpec, Evaluation, Family, ForecasterHyper, IncrementalGap, Manifest, Mode, ModelKey,
    Resumption, Symbol, TrainSpec, TrainingRecord, files,
};

use super::fit::{Checkpoints, Fit};
use super::forecasts::{answers, forecasts};
use super::judge::{Holdout, entrant};
use super::plan::Plan;
use super::state::State;
use super::{checkpoint, material, recipe};
use crate::artifact::{self, Draft, Lens, Loaded, safe};
use crate::dataset::RowIndex;
use crate::device::{self, Device};
use crate::error::TrainError;
use crate::features::{FEATURES, Prepared, Split, prepare};
use crate::golden::{Golden, GoldenCase};
use crate::network::{Network, Shape};
use crate::run::{Identity, Inputs, Observer, Phase, Stop, Update};
use crate::score::{StudentT, scale_factor};

/// Cases in `golden.json`.
const GOLDEN_CASES: usize = 4;

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
    let hyper = ForecasterHyper { batch_size: batch_size.unwrap_or(spec.hyper.batch_size), ..spec.hyper.clone() };
    announce(observer, Phase::Loading)?;
    let series = material::series(&spec.snapshot, &inputs.parts)?;
    let parent = parent(spec, &hyper, inputs, device)?;
    let symbols = parent.as_ref().map_or(&spec.symbols, |parent| &parent.manifest.symbols);
    let prepared = prepare(&series, symbols, &hyper, &spec.split, parent.as_ref().map(|parent| &parent.lens.inputs))?;
    let data_through = material::data_through(&series).unwrap_or_default();
    let (plan, parent_rows) = plan(spec, &hyper, symbols, &prepared, parent.as_ref())?;

    let recipe = recipe::recipe_hash(spec, &hyper)?;
    let platform = recipe::platform(device);
    let (state, resumption) = match &inputs.resume {
        None => (State::start(&plan), Resumption::None),
        Some(path) => checkpoint::read(path, recipe, &platform, plan.initial.len()).unwrap_or_else(|because| {
            tracing::warn!(%because, "starting over");
            (State::start(&plan), Resumption::StartedOver { because })
        }),
    };
    let checkpoints = Checkpoints { folder: &inputs.scratch, recipe, platform: &platform };
    let mut fit = Fit::new(&plan, &prepared.data, device, state);
    fit.run(Phase::Training, Some(&checkpoints), observer)?;

    let stoppable = |phase, observer: &mut dyn Observer| {
        observer.progress(&Update { phase, ..fit.update(phase) });
        match observer.stop() {
            None => Ok(()),
            Some(stop) => {
                if stop == Stop::Release {
                    fit.checkpoint(Some(&checkpoints), observer)?;
                }
                Err(TrainError::Stopped(stop))
            }
        }
    };
    stoppable(Phase::Evaluating, observer)?;
    let mut network = fit.best_network(device);
    let calibration = calibrate(&mut network, &prepared)?;
    let seen_through =
        prepared.split.seen_through(&prepared.data, parent.as_ref().map(|parent| parent.manifest.seen_through));
    let holdout = Holdout { series: &series, data: &prepared.data, split: &prepared.split };
    let held_out = forecasts(&mut network, &prepared.data, &rows(&prepared.split.holdout), calibration)?;
    let challenger = entrant(Contestant::Challenger, seen_through, held_out);
    let (losses, evaluation) = holdout.judge(challenger, &spec.contestants, inputs, device)?;
    let incremental_seconds = started.elapsed().as_secs_f64();

    let gap = match parent_rows.filter(|_| spec.yardstick) {
        None => None,
        Some(old) => {
            stoppable(Phase::Yardstick, observer)?;
            let complete = Plan::complete(plan.shape, &hyper, &prepared.split);
            let yardstick = Yardstick { plan: &complete, prepared: &prepared, old: &rows(&old), device };
            Some(yardstick.gap((&mut network, calibration), incremental_seconds, observer)?)
        }
    };

    let position = fit.position();
    let training = TrainingRecord {
        train_rows: plan.rows_per_epoch() as u64,
        new_rows: plan.fresh.len() as u64,
        validation_rows: plan.validation.len() as u64,
        epochs: position.curve.len() as u32,
        best_epoch: position.best().map_or(0, |best| best.epoch),
        steps: position.step,
        seconds: started.elapsed().as_secs_f64(),
        curve: position.curve.clone(),
        resumption,
    };
    let manifest = Manifest {
        format: Manifest::FORMAT,
        family: Family::Forecaster,
        model: spec.model.clone(),
        symbols: symbols.clone(),
        job: identity.job,
        attempt: identity.attempt,
        mode: spec.mode,
        parent: spec.parent.clone().filter(|_| spec.mode == Mode::Incremental),
        snapshot: spec.snapshot.clone(),
        split: spec.split.clone(),
        hyper,
        spec_hash: ContentHash::of_json(&(recipe, &platform))?,
        seen_through: seen_through.unwrap_or(NaiveDate::MIN),
        data_through,
        device: device::name(device),
        libraries: platform.clone(),
        training,
        evaluation,
        gap,
        files: Default::default(),
    };
    let lens = Lens { network: plan.shape, inputs: prepared.preprocessing.clone(), calibration };
    let golden = golden(&mut network, &prepared, calibration)?;
    let draft =
        Draft { weights: &network.weights(), lens: &lens, golden: &golden, sketch: &prepared.sketch, losses: &losses };
    artifact::write(&inputs.output, &draft, manifest)
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
    let data = version.lens.inputs.dataset(&series, &version.manifest.symbols);
    let split = Split::of(&data.rows, &spec.split);
    let holdout = Holdout { series: &series, data: &data, split: &split };
    let entrant = holdout.entrant(Contestant::Challenger, &mut version)?;
    let (losses, evaluation) = holdout.judge(entrant, &spec.contestants, inputs, device)?;
    let losses = common::losses::encode(&losses).map_err(|error| TrainError::Code(error.to_string()))?;
    safe::write_whole(&inputs.output.join(files::LOSSES), &losses)?;
    Ok(evaluation)
}

/// Says what comes next, and ends here if that is wanted.
fn announce(observer: &mut dyn Observer, phase: Phase) -> Result<(), TrainError> {
    observer.progress(&Update { phase, epoch: 0, epochs: 0, step: 0, steps: 0, loss: None, curve: Vec::new() });
    observer.stop().map_or(Ok(()), |stop| Err(TrainError::Stopped(stop)))
}

/// The version an incremental training starts from, which decides the network's sizes.
fn parent(
    spec: &TrainSpec,
    hyper: &ForecasterHyper,
    inputs: &Inputs,
    device: Device,
) -> Result<Option<Loaded>, TrainError> {
    let reference = match spec.mode {
        Mode::Complete | Mode::Quick => return Ok(None),
        Mode::Incremental => spec.parent.as_ref(),
    };
    let reference =
        reference.ok_or_else(|| TrainError::Code("an incremental training needs a version to start from".into()))?;
    let parent = material::version(reference, inputs.parent.as_deref(), device)?;
    let Shape { layers, hidden, window, .. } = parent.lens.network;
    if (hyper.layers as usize, hyper.hidden as usize, hyper.window as usize) != (layers, hidden, window) {
        return Err(TrainError::Data(format!(
            "an incremental training keeps its parent's network (layers = {layers}, hidden = {hidden}, window = {window}): \
             ask for a complete training to change it"
        )));
    }
    Ok(Some(parent))
}

/// What to fit, and the rows the parent was fitted on.
fn plan(
    spec: &TrainSpec,
    hyper: &ForecasterHyper,
    symbols: &[Symbol],
    prepared: &Prepared,
    parent: Option<&Loaded>,
) -> Result<(Plan, Option<std::ops::Range<RowIndex>>), TrainError> {
    let many = symbols.len() > 1 || spec.model == ModelKey::universal_forecaster();
    let shape = Shape {
        features: FEATURES,
        window: prepared.data.window,
        layers: hyper.layers as usize,
        hidden: hyper.hidden as usize,
        symbols: if many { symbols.len() } else { 0 },
    };
    match (spec.mode, parent) {
        (Mode::Quick, _) => Ok((Plan::quick(shape, hyper, &prepared.split), None)),
        (Mode::Complete, _) | (Mode::Incremental, None) => Ok((Plan::complete(shape, hyper, &prepared.split), None)),
        (Mode::Incremental, Some(parent)) => {
            let (old, new) =
                prepared.split.old_and_new(&prepared.data, parent.manifest.data_through, &parent.manifest.split);
            if new.is_empty() {
                let reason =
                    "no row has become trainable since the live version: ask for a complete training, or wait for data";
                return Err(TrainError::Data(reason.into()));
            }
            let live = parent.network.weights();
            Ok((Plan::incremental(shape, hyper, &prepared.split, (old.clone(), new), &live), Some(old)))
        }
    }
}

fn rows(range: &std::ops::Range<RowIndex>) -> Vec<RowIndex> {
    range.clone().collect()
}

/// The factor on the scale that fits the validation rows best.
fn calibrate(network: &mut Network, Prepared { data, split, .. }: &Prepared) -> Result<f64, TrainError> {
    let validation = rows(&split.validation);
    let forecasts = forecasts(network, data, &validation, 1.0)?;
    // In units of recent volatility, so that wild days count as much as calm ones.
    let in_sigma = |(t, &row): (StudentT, &RowIndex)| {
        let row = data.row(row);
        let t = StudentT { location: t.location / row.sigma, scale: t.scale / row.sigma, ..t };
        (t, row.log_return / row.sigma)
    };
    Ok(scale_factor(&forecasts.into_iter().zip(&validation).map(in_sigma).collect::<Vec<_>>()))
}

/// A few rows spread over the holdout with their answers.
fn golden(
    network: &mut Network,
    Prepared { data, split, .. }: &Prepared,
    calibration: f64,
) -> Result<Golden, TrainError> {
    let holdout = rows(&split.holdout);
    let some: Vec<RowIndex> =
        holdout.iter().step_by((holdout.len() / GOLDEN_CASES).max(1)).take(GOLDEN_CASES).copied().collect();
    let (answers, _) = answers(network, data, &some)?;
    let case = |(&row, answer)| GoldenCase {
        symbol: data.row(row).symbol,
        window: data.window_of(data.row(row)).to_vec(),
        expected: artifact::output(answer, calibration),
    };
    Ok(Golden { cases: some.iter().zip(&answers).map(case).collect() })
}

/// A complete training on the same rows, to say what an incremental one costs.
struct Yardstick<'a> {
    plan: &'a Plan,
    prepared: &'a Prepared,
    /// Rows the parent was fitted on.
    old: &'a [RowIndex],
    device: Device,
}

impl Yardstick<'_> {
    fn gap(
        &self,
        (incremental, calibration): (&mut Network, f64),
        incremental_seconds: f64,
        observer: &mut dyn Observer,
    ) -> Result<IncrementalGap, TrainError> {
        let started = Instant::now();
        let mut fit = Fit::new(self.plan, &self.prepared.data, self.device, State::start(self.plan));
        fit.run(Phase::Yardstick, None, observer)?;
        let mut complete = fit.best_network(self.device);
        let complete_calibration = calibrate(&mut complete, self.prepared)?;
        let new = rows(&self.prepared.split.holdout);
        let mut gap = |rows: &[RowIndex]| -> Result<f64, TrainError> {
            let ours = self.crps(incremental, calibration, rows)?;
            Ok(ours / self.crps(&mut complete, complete_calibration, rows)? - 1.0)
        };
        let (on_new, on_old) = (gap(&new)?, gap(self.old)?);
        Ok(IncrementalGap { on_new, on_old, incremental_seconds, complete_seconds: started.elapsed().as_secs_f64() })
    }

    fn crps(&self, network: &mut Network, calibration: f64, rows: &[RowIndex]) -> Result<f64, TrainError> {
        let data = &self.prepared.data;
        let forecasts = forecasts(network, data, rows, calibration)?;
        let losses = forecasts.iter().zip(rows).map(|(t, &row)| t.crps(data.row(row).log_return));
        Ok(losses.sum::<f64>() / rows.len().max(1) as f64)
    }
}
