//! A trial: a training that ends with its fit. Its rows are parted as those of a training are, and what is held out is read by nobody.

use std::time::Instant;

use common::vocabulary::{Hyper, Resumption, TrainSpec, TrialManifest, files};

use crate::device::Device;
use crate::error::TrainError;
use crate::family::{Family, Fit, Material, Recipe, Scored};
use crate::fingerprint::Fingerprint;
use crate::run::{Identity, Inputs, Observer, Phase};
use crate::training::{self, Checkpoints};
use crate::{checkpoint, memory};

/// See [`crate::run::trial`]. `hyper`: in effect.
pub(crate) fn run<F: Family>(
    spec: &TrainSpec,
    hyper: Hyper,
    identity: Identity,
    inputs: &Inputs,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<TrialManifest, TrainError> {
    let started = Instant::now();
    memory::begin();
    training::loading(observer)?;
    let (scored, parts) = (Scored::HeldOut, &inputs.parts[..]);
    let material = Material { model: &spec.model, snapshot: &spec.snapshot, parts, split: &spec.split, scored };
    let rows = F::rows(&material, &hyper, None)?;
    let mut fit = F::begin(&rows, &Recipe { mode: spec.mode, hyper: &hyper, device }, None)?;
    let fingerprint = Fingerprint::new(spec, &hyper, device)?;
    let resumption = match &inputs.resume {
        None => Resumption::None,
        Some(path) => checkpoint::resume(path, &fingerprint, &mut fit),
    };
    let checkpoints = Checkpoints { folder: &inputs.scratch, fingerprint: &fingerprint };
    training::run(&mut fit, Phase::Training, Some(checkpoints), observer)?;

    training::enter(Phase::Evaluating, &fit, checkpoints, observer)?;
    let mut model = fit.finish()?;
    let validation_loss = F::validation_loss(&rows, &fit, &mut model)?;
    if !validation_loss.is_finite() {
        return Err(TrainError::Data(format!("its loss on validation rows is no number: {validation_loss}")));
    }
    let manifest = TrialManifest {
        format: TrialManifest::FORMAT,
        model: spec.model.clone(),
        job: identity.job,
        attempt: identity.attempt,
        hyper,
        validation_loss,
        training: training::record(&fit, F::left_out(&rows), resumption, started.elapsed().as_secs_f64()),
        files: Default::default(),
    };
    std::fs::write(inputs.output.join(files::MANIFEST), serde_json::to_vec_pretty(&manifest)?)?;
    Ok(manifest)
}
