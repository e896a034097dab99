//! A monitoring: live versions are scored one after the other, and none takes the others down.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use common::losses;
use common::vocabulary::{ContentHash, FileEntry, MonitorManifest, MonitorSpec, Monitored, Subject, files};
use models::run::{self, Device, Observer, Phase, TrainError, Update};

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
        let scored = match order.files.subjects.get(index) {
            Some(files) => score(subject, files, device, &output.join(&name))?,
            None => Err("its files are not here".into()),
        };
        let (rows, error) = scored.map_or_else(|error| (0, Some(error)), |rows| (rows, None));
        if rows > 0 {
            let path = output.join(&name);
            let entry = FileEntry { sha256: ContentHash::of_file(&path)?, bytes: fs::metadata(&path)?.len() };
            manifest.files.insert(name, entry);
        }
        let (model, version) = (subject.model.clone(), subject.live.version);
        manifest.subjects.push(Monitored { model, version, rows, error });
    }
    Ok(fs::write(output.join(files::MANIFEST), serde_json::to_vec_pretty(&manifest)?)?)
}

/// How many rows were scored, or why none could be. Only lack of memory and of room ends the whole job.
fn score(
    subject: &Subject,
    files: &SubjectFiles,
    device: Device,
    target: &Path,
) -> Result<Result<u64, String>, TrainError> {
    let inputs = match files {
        SubjectFiles::Here(inputs) => inputs,
        SubjectFiles::Unusable { reason } => return Ok(Err(reason.clone())),
    };
    let found = match panic::catch_unwind(AssertUnwindSafe(|| run::monitor(subject, inputs, device))) {
        Ok(Ok(found)) => found,
        Ok(Err(error @ (TrainError::OutOfMemory(_) | TrainError::Stopped(_)))) => return Err(error),
        Ok(Err(error @ (TrainError::Data(_) | TrainError::Code(_) | TrainError::Damaged { .. }))) => {
            return Ok(Err(error.to_string()));
        }
        Err(_said_by_the_hook) => return Ok(Err("scoring it panicked: the worker's log says where".into())),
    };
    let Some(found) = found else { return Ok(Ok(0)) };
    match losses::encode(&found) {
        Ok(bytes) => {
            fs::write(target, bytes)?;
            Ok(Ok(found.0.len() as u64))
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
