//! The pipeline of a training, the same for every family: read, fit with checkpoints, judge, leave an artifact.

use std::path::Path;
use std::time::Instant;

use common::vocabulary::{
    ContentHash, EvaluateSpec, Evaluation, Hyper, Manifest, Mode, Resumption, TrainSpec, TrainingRecord, files as names,
};

use crate::device::{self, Device};
use crate::error::TrainError;
use crate::family::{Entrant, Family, Fit, Material, Recipe, Scored, Span};
use crate::fingerprint::Fingerprint;
use crate::run::{Identity, Inputs, Observer, Phase, Stop, Update};
use crate::version::Version;
use crate::{artifact, checkpoint, contestants, memory, reference_training, unseen};

/// Where checkpoints go, and what they are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoints<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) fingerprint: &'a Fingerprint,
}

/// See [`crate::run::train`]. `hyper`: in effect.
pub(crate) fn train<F: Family>(
    spec: &TrainSpec,
    hyper: Hyper,
    identity: Identity,
    inputs: &Inputs,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<Manifest, TrainError> {
    let started = Instant::now();
    memory::begin();
    loading(observer)?;
    let parent = parent::<F>(spec, inputs, device)?;
    let (scored, parts) = (Scored::HeldOut, &inputs.parts[..]);
    let material = Material { model: &spec.model, snapshot: &spec.snapshot, parts, split: &spec.split, scored };
    let mut rows = F::rows(&material, &hyper, parent.as_ref())?;
    let of_parent = unseen::by_named([(spec.parent.as_ref().filter(|_| parent.is_some()), inputs.parent.as_ref())])?;
    let seen = unseen::by_training::<F>(&rows, of_parent.first());
    let of_others = unseen::by_named(contestants::named(&spec.contestants, inputs))?;
    unseen::leave_out_fitted::<F>(&mut rows, &[of_parent, of_others].concat())?;
    let recipe = Recipe { mode: spec.mode, hyper: &hyper, device };
    let mut fit = F::begin(&rows, &recipe, parent.as_ref())?;
    let fingerprint = Fingerprint::new(spec, &hyper, device)?;
    let resumption = match &inputs.resume {
        None => Resumption::None,
        Some(path) => checkpoint::resume(path, &fingerprint, &mut fit),
    };
    let checkpoints = Checkpoints { folder: &inputs.scratch, fingerprint: &fingerprint };
    run(&mut fit, Phase::Training, Some(checkpoints), observer)?;

    enter(Phase::Evaluating, &fit, checkpoints, observer)?;
    let mut model = fit.finish()?;
    let Span { fitted_through, data_through } = F::span(&rows);
    let of_parent = parent.as_ref().map(|parent| parent.manifest.seen_through);
    let seen_through = fitted_through.max(of_parent).unwrap_or_default();
    let mut others = contestants::open::<F>(&spec.contestants, inputs, device)?;
    let (losses, evaluation) = F::judge(&rows, Entrant { model: &mut model, seen_through }, &mut others)?;
    drop(others);
    let so_far = started.elapsed().as_secs_f64();
    let gap = if parent.is_some() && spec.yardstick {
        enter(Phase::Yardstick, &fit, checkpoints, observer)?;
        Some(reference_training::gap::<F>(&rows, &recipe, &mut model, so_far, observer)?)
    } else {
        None
    };

    let manifest = Manifest {
        format: Manifest::FORMAT,
        model: spec.model.clone(),
        job: identity.job,
        attempt: identity.attempt,
        mode: spec.mode,
        parent: spec.parent.clone().filter(|_| spec.mode == Mode::Incremental),
        snapshot: F::snapshot(&rows, &spec.snapshot),
        split: spec.split.clone(),
        spec_hash: fingerprint.on_platform()?,
        seen_through,
        data_through: data_through.unwrap_or_default(),
        device: device::name(device),
        libraries: fingerprint.platform.clone(),
        training: record(&fit, F::left_out(&rows), resumption, so_far),
        evaluation,
        gap,
        hyper,
        files: Default::default(),
    };
    let manifest = artifact::write::<F>(&inputs.output, &rows, &mut model, &losses, seen.as_ref(), manifest)?;
    // What nobody could open, or what would answer otherwise than it did here, is no result.
    Version::<F>::open(&inputs.output, &ContentHash::of_file(&inputs.output.join(names::MANIFEST))?, device)?;
    Ok(manifest)
}

/// See [`crate::run::evaluate`].
pub(crate) fn evaluate<F: Family>(
    spec: &EvaluateSpec,
    challenger: &Path,
    inputs: &Inputs,
    device: Device,
) -> Result<Evaluation, TrainError> {
    let mut version = Version::<F>::open(challenger, &spec.challenger.manifest, device)?;
    let (scored, parts) = (Scored::HeldOut, &inputs.parts[..]);
    let material = Material { model: &spec.model, snapshot: &spec.snapshot, parts, split: &spec.split, scored };
    let mut rows = F::rows(&material, &version.manifest.hyper, Some(&version))?;
    let mut seen = unseen::by_named(contestants::named(&spec.contestants, inputs))?;
    seen.extend(unseen::by_version(challenger, &version.manifest)?);
    unseen::leave_out_fitted::<F>(&mut rows, &seen)?;
    let mut others = contestants::open::<F>(&spec.contestants, inputs, device)?;
    let seen_through = version.manifest.seen_through;
    let (losses, evaluation) = F::judge(&rows, Entrant { model: &mut version.model, seen_through }, &mut others)?;
    artifact::write_losses(&inputs.output, &losses)?;
    Ok(evaluation)
}

/// The version an incremental training starts from.
fn parent<F: Family>(spec: &TrainSpec, inputs: &Inputs, device: Device) -> Result<Option<Version<F>>, TrainError> {
    let none = || TrainError::Code("an incremental training needs a version to start from".into());
    match (spec.mode, &spec.parent) {
        (Mode::Incremental, Some(parent)) => {
            let parent = Version::named(parent, inputs.parent.as_ref(), device)?;
            same_shape(spec, &parent)?;
            Ok(Some(parent))
        }
        (Mode::Incremental, None) => Err(none()),
        (Mode::Complete | Mode::Quick, _) => Ok(None),
    }
}

/// What a parent was fitted on, its child goes on with: nobody notices other columns by the numbers in them.
fn same_shape<F: Family>(spec: &TrainSpec, parent: &Version<F>) -> Result<(), TrainError> {
    let (asked, of_parent) = (spec.shape(), parent.manifest.shape());
    if asked == of_parent {
        return Ok(());
    }
    Err(TrainError::Data(format!(
        "an incremental training keeps its parent's shape and reading: asked for is {asked}, the parent has {of_parent}; train \
         completely"
    )))
}

/// Fits to the end. Without `checkpoints` none are written, and a stop is final.
pub(crate) fn run(
    fit: &mut impl Fit,
    phase: Phase,
    checkpoints: Option<Checkpoints<'_>>,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    while fit.advance()? {
        observer.progress(&update(fit, phase));
        if let Some(stop) = observer.stop() {
            if stop == Stop::Release {
                keep(fit, checkpoints, observer)?;
            }
            return Err(TrainError::Stopped(stop));
        }
        if observer.checkpoint_due() {
            keep(fit, checkpoints, observer)?;
        }
    }
    Ok(())
}

/// Writes a checkpoint and hands it over.
fn keep(fit: &impl Fit, checkpoints: Option<Checkpoints<'_>>, observer: &mut dyn Observer) -> Result<(), TrainError> {
    if let Some(Checkpoints { folder, fingerprint }) = checkpoints {
        let step = fit.status().step;
        let file = checkpoint::write(folder, fingerprint, step, fit.state()?)?;
        observer.checkpoint(&file, step);
    }
    Ok(())
}

/// Says that the rows are being read, and ends here if that is wanted.
pub(crate) fn loading(observer: &mut dyn Observer) -> Result<(), TrainError> {
    let nothing_yet =
        Update { phase: Phase::Loading, epoch: 0, epochs: 0, step: 0, steps: 0, loss: None, curve: Vec::new() };
    observer.progress(&nothing_yet);
    observer.stop().map_or(Ok(()), |stop| Err(TrainError::Stopped(stop)))
}

/// Says what comes after the fit, and ends here if that is wanted: a released job keeps its finished fit.
pub(crate) fn enter(
    phase: Phase,
    fit: &impl Fit,
    checkpoints: Checkpoints<'_>,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    observer.progress(&update(fit, phase));
    let Some(stop) = observer.stop() else { return Ok(()) };
    if stop == Stop::Release {
        keep(fit, Some(checkpoints), observer)?;
    }
    Err(TrainError::Stopped(stop))
}

fn update(fit: &impl Fit, phase: Phase) -> Update {
    let status = fit.status();
    Update {
        phase,
        epoch: status.epoch,
        epochs: status.epochs,
        step: status.step,
        steps: status.steps,
        loss: status.loss,
        curve: status.curve,
    }
}

pub(crate) fn record(fit: &impl Fit, left_out: u64, resumption: Resumption, seconds: f64) -> TrainingRecord {
    let (status, counts) = (fit.status(), fit.counts());
    TrainingRecord {
        train_rows: counts.train,
        new_rows: counts.new,
        validation_rows: counts.validation,
        left_out,
        epochs: status.curve.len() as u32,
        best_epoch: status.best_epoch,
        steps: status.step,
        seconds,
        curve: status.curve,
        resumption,
        peak_memory: memory::peak(),
    }
}
