//! A monitoring: live versions are scored one after the other, and none takes the others down.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use common::losses::{self, RowLosses};
use common::vocabulary::{ContentHash, FileEntry, MonitorManifest, MonitorSpec, Monitored, Subject, files};
use models::run::{self, Device, Monitoring, Observer, Phase, TrainError, Update};

use super::protocol::{Order, SubjectFiles};

/// Leaves `manifest.json` beside a file of losses for each subject that has rows to score.
pub(super) fn monitor(
    order: &Order,
    spec: &MonitorSpec,
    device: Device,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    let output = &order.files.output;
    let mut manifest = MonitorManifest {
        format: MonitorManifest::FORMAT,
        job: order.job,
        attempt: order.attempt,
        subjects: Vec::with_capacity(spec.subjects.len()),
        files: BTreeMap::new(),
    };
    for (index, subject) in spec.subjects.iter().enumerate() {
        observer.progress(&update(index, spec.subjects.len()));
        if let Some(stop) = observer.stop() {
            return Err(TrainError::Stopped(stop));
        }
        let name = MonitorManifest::losses_of(index);
        let found = match order.files.subjects.get(index) {
            Some(files) => found(subject, files, device)?,
            None => Err("its files are not here".into()),
        };
        let (inputs, scored) = match found {
            Ok(Monitoring { losses, inputs }) => (inputs, write(&losses.unwrap_or_default(), &output.join(&name))?),
            Err(error) => (None, Err(error)),
        };
        let (rows, error) = scored.map_or_else(|error| (0, Some(error)), |rows| (rows, None));
        if rows > 0 {
            let path = output.join(&name);
            let entry = FileEntry { sha256: ContentHash::of_file(&path)?, bytes: fs::metadata(&path)?.len() };
            manifest.files.insert(name, entry);
        }
        let (model, version) = (subject.model.clone(), subject.live.version);
        manifest.subjects.push(Monitored { model, version, rows, error, inputs });
    }
    Ok(fs::write(output.join(files::MANIFEST), serde_json::to_vec_pretty(&manifest)?)?)
}

/// What its rows show, or why that cannot be told. Only lack of memory and a stop end the whole job.
fn found(subject: &Subject, files: &SubjectFiles, device: Device) -> Result<Result<Monitoring, String>, TrainError> {
    let inputs = match files {
        SubjectFiles::Here(inputs) => inputs,
        SubjectFiles::Unusable { reason } => return Ok(Err(reason.clone())),
    };
    match panic::catch_unwind(AssertUnwindSafe(|| run::monitor(subject, inputs, device))) {
        Ok(Ok(found)) => Ok(Ok(found)),
        Ok(Err(error @ (TrainError::OutOfMemory(_) | TrainError::Stopped(_)))) => Err(error),
        Ok(Err(error @ (TrainError::Data(_) | TrainError::Code(_) | TrainError::Damaged { .. }))) => {
            Ok(Err(error.to_string()))
        }
        Err(_said_by_the_hook) => Ok(Err("scoring it panicked: the worker's log says where".into())),
    }
}

/// Writes the losses; says of how many rows there are some, or why they cannot be told.
fn write(losses: &RowLosses, target: &Path) -> Result<Result<u64, String>, TrainError> {
    if losses.0.is_empty() {
        return Ok(Ok(0));
    }
    match losses::encode(losses) {
        Ok(bytes) => {
            fs::write(target, bytes)?;
            Ok(Ok(losses.0.len() as u64))
        }
        Err(error) => Ok(Err(error.to_string())),
    }
}

fn update(index: usize, subjects: usize) -> Update {
    Update {
        phase: Phase::Evaluating,
        epoch: 0,
        epochs: 0,
        step: index as u64,
        steps: subjects as u64,
        loss: None,
        curve: Vec::new(),
    }
}
