//! One job in the child, from order to end. Nothing it does may take the child down but what takes down any process.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use common::vocabulary::{
    ContentHash, EvaluateSpec, EvaluationManifest, FailureClass, FileEntry, JobSpec, ProbeSpec, files,
};
use models::run::{self, Device, Identity, Inputs, Observer, Phase, Stop, TrainError, Update};

use super::control::StopFlag;
use super::monitor::monitor;
use super::observer::Attendant;
use super::output::Output;
use super::protocol::{Ended, Order, StopKind};
use crate::failure::Failure;

static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Keeps the words and place of every panic for the failure message.
pub(super) fn keep_panics() {
    panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        tracing::error!("{text}");
        // LibTorch adds the path through its own sources.
        let message = text.split("\\nException raised from").next().unwrap_or_default();
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(message.replace('\n', " "));
    }));
}

/// Does a job, and says how it ended.
pub(super) fn work(order: &Order, device: Device, output: &mut Output, stop: &StopFlag) -> Ended {
    let mut attendant = Attendant::new(output, stop, order.checkpoint_every);
    match panic::catch_unwind(AssertUnwindSafe(|| perform(order, device, &mut attendant))) {
        Ok(Ok(())) => Ended::Done,
        Ok(Err(error)) => end_of(error),
        Err(payload) => {
            Ended::Failed { failure: Failure::new(FailureClass::Code, words_of(payload.as_ref())), spoiled: true }
        }
    }
}

fn perform(order: &Order, device: Device, observer: &mut dyn Observer) -> Result<(), TrainError> {
    let inputs = Inputs::from(&order.files);
    match &order.spec {
        JobSpec::Train(spec) => {
            let identity = Identity { job: order.job, attempt: order.attempt };
            run::train(spec, order.batch_size, identity, &inputs, device, observer).map(drop)
        }
        JobSpec::Trial(spec) => {
            let identity = Identity { job: order.job, attempt: order.attempt };
            run::trial(spec, order.batch_size, identity, &inputs, device, observer).map(drop)
        }
        JobSpec::Evaluate(spec) => evaluate(order, spec, &inputs, device),
        JobSpec::Monitor(spec) => monitor(order, spec, device, observer),
        JobSpec::Predict(spec) => {
            let missing = || TrainError::Code("rows came without the version that predicts them".into());
            run::predict(spec, order.files.version.as_deref().ok_or_else(missing)?, &inputs, device, observer)
        }
        JobSpec::Probe(spec) => probe(spec, observer),
    }
}

/// Leaves `manifest.json` beside the losses, so that an evaluation is uploaded and sealed like a training.
fn evaluate(order: &Order, spec: &EvaluateSpec, inputs: &Inputs, device: Device) -> Result<(), TrainError> {
    let missing = || TrainError::Code("an evaluation came without its challenger".into());
    let challenger = order.files.challenger.as_deref().ok_or_else(missing)?;
    let evaluation = run::evaluate(spec, challenger, inputs, device)?;
    let losses = inputs.output.join(files::LOSSES);
    let entry = FileEntry { sha256: ContentHash::of_file(&losses)?, bytes: fs::metadata(&losses)?.len() };
    let manifest = EvaluationManifest {
        format: EvaluationManifest::FORMAT,
        model: spec.model.clone(),
        job: order.job,
        attempt: order.attempt,
        challenger: spec.challenger.clone(),
        evaluation,
        files: BTreeMap::from([(files::LOSSES.to_owned(), entry)]),
    };
    Ok(fs::write(inputs.output.join(files::MANIFEST), serde_json::to_vec_pretty(&manifest)?)?)
}

/// Pretends to work: counts a step a millisecond, and stops when asked.
fn probe(spec: &ProbeSpec, observer: &mut dyn Observer) -> Result<(), TrainError> {
    let start = Instant::now();
    let update = |step| Update {
        phase: Phase::Training,
        epoch: 1,
        epochs: 1,
        step,
        steps: spec.work_ms,
        loss: None,
        curve: vec![],
    };
    for step in 0..spec.work_ms {
        observer.progress(&update(step));
        if let Some(stop) = observer.stop() {
            return Err(TrainError::Stopped(stop));
        }
        let due = start + Duration::from_millis(step + 1);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

fn end_of(error: TrainError) -> Ended {
    let message = error.to_string();
    // After a CUDA error every further call of the process fails too.
    let failed = |class, spoiled| Ended::Failed { failure: Failure::new(class, message.clone()), spoiled };
    match error {
        TrainError::Data(_) => failed(FailureClass::Data, false),
        TrainError::Damaged { .. } => failed(FailureClass::Damaged, false),
        TrainError::Code(_) => failed(FailureClass::Code, ["CUDA", "cuDNN"].iter().any(|of| message.contains(of))),
        TrainError::OutOfMemory(_) => failed(FailureClass::OutOfMemory, true),
        TrainError::Stopped(Stop::Cancel) => Ended::Stopped { kind: StopKind::Cancel },
        TrainError::Stopped(Stop::Release) => Ended::Stopped { kind: StopKind::Release },
    }
}

fn words_of(payload: &(dyn Any + Send)) -> String {
    let kept = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    let payload = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    format!("the training panicked: {}", kept.or(payload).unwrap_or_else(|| "no words".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_become_the_classes_of_the_protocol() {
        let class = |error| match end_of(error) {
            Ended::Failed { failure, spoiled } => (Some(failure.class), spoiled),
            Ended::Done | Ended::Stopped { .. } => (None, false),
        };
        assert_eq!(class(TrainError::Data("few rows".into())), (Some(FailureClass::Data), false));
        assert_eq!(class(TrainError::Code("bug".into())), (Some(FailureClass::Code), false));
        assert_eq!(class(TrainError::Code("CUDA error: launch".into())), (Some(FailureClass::Code), true));
        assert_eq!(class(TrainError::OutOfMemory("no".into())), (Some(FailureClass::OutOfMemory), true));
        let damaged = TrainError::Damaged { file: "w".into(), reason: "cut".into() };
        assert_eq!(class(damaged), (Some(FailureClass::Damaged), false));
        assert_eq!(end_of(TrainError::Stopped(Stop::Release)), Ended::Stopped { kind: StopKind::Release });
    }
}
