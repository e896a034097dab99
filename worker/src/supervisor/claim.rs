//! One claim, from grant to end: inputs, training, result.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use common::telemetry;
use common::telemetry::table::span;
use common::vocabulary::{FailureClass, JobKind};
use common::wire::{Finished, Grant, Outcome, ToCoordinator};
use futures::FutureExt;
use tokio::time::Instant;

use super::attend::{Bounds, News, attend};
use super::checkpoints::CheckpointUploader;
use super::desk::{Halt, HaltSignal};
use super::epochs::Epochs;
use super::progress::ProgressPoster;
use super::service::Context;
use super::slots::Slot;
use super::{finish, inputs};
use crate::executor::Order;
use crate::failure::Failure;
use crate::fault::{self, Point};

/// Lives through a claim in a slot, and gives the slot back. The slot and the claim are held until everything is decided.
pub(super) async fn live(context: Arc<Context>, mut slot: Slot, grant: Grant, mut halt: HaltSignal) -> Slot {
    let (start, claim) = (Instant::now(), grant.claim);
    let attempt = AssertUnwindSafe(attempt(&context, &mut slot, grant, &mut halt)).catch_unwind().await;
    let outcome = match attempt {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(Failure { class, message })) => Outcome::Failed { class, message },
        Err(_) => {
            slot.settle(&context, true).await;
            Outcome::Failed { class: FailureClass::Code, message: "the worker panicked: its log says where".into() }
        }
    };
    tracing::info!(job = %claim.job, claim = %claim.claim, ?outcome, "a claim ended");
    if let Outcome::Failed { class, message } = &outcome {
        telemetry::failed(format_args!("{class}: {message}"));
    }
    let checkpoint = context.roster.newest_checkpoint(claim.claim);
    let finished = Finished { claim, outcome, checkpoint, seconds: start.elapsed().as_secs_f64() };
    context.roster.finish(finished.clone());
    context.desk.leave(claim.claim);
    // A hint only: the heartbeats repeat it.
    tokio::spawn(async move { context.say(&ToCoordinator::Finished(finished)).await });
    slot
}

async fn attempt(
    context: &Arc<Context>,
    slot: &mut Slot,
    grant: Grant,
    halt: &mut HaltSignal,
) -> Result<Outcome, Failure> {
    let claim = grant.claim;
    tracing::info!(job = %claim.job, claim = %claim.claim, attempt = grant.number, kind = %grant.spec.kind(), "a claim begins");
    fault::at(Point::Claimed);
    let store = context.ports.store.as_ref();
    let folder = context.scratch.claim(claim.claim).map_err(|error| Failure::file(&context.settings.folder, &error))?;
    let mut progress = ProgressPoster::start(context.clone(), claim);
    progress.phase("loading");
    let loading = span::LOAD.here().begin();
    let files = loading.around(unless(halt, |_| true, inputs::fetch(store, &context.cache, &grant, &folder))).await?;
    drop(loading);
    fault::at(Point::Downloaded);

    let kind = grant.spec.kind();
    let bounds = context.bounds(grant.timeout);
    let order = Order {
        job: claim.job,
        attempt: claim.attempt,
        spec: grant.spec,
        batch_size: grant.batch_size,
        files,
        checkpoint_every: context.settings.checkpoint_every.as_secs_f64(),
    };
    let checkpoints = CheckpointUploader::start(context.clone(), claim);
    let mut epochs = Epochs::begin(&order.spec, grant.resume.is_some());
    let end = attend(slot.executor(context)?, order, halt, bounds, |news| match news {
        News::Report(report) => {
            epochs.saw(&report);
            context.roster.step(claim.claim, report.step);
            progress.report(report);
        }
        News::Checkpoint(file, step) => checkpoints.offer(file, step),
    })
    .await;
    epochs.end(&end.result);
    slot.settle(context, end.spoiled).await;
    if let Err(failure) = end.result {
        // Whoever goes on from here wants the newest checkpoint; nobody goes on from a cancelled one.
        if failure.class != FailureClass::Cancelled {
            let _ = unless(halt, is_stop, checkpoints.flush().map(Ok)).await;
        }
        return Err(failure);
    }
    progress.phase("uploading");
    match kind {
        JobKind::Probe => Ok(Outcome::Done),
        JobKind::Train | JobKind::Evaluate => {
            let uploading = span::UPLOAD.here().begin();
            uploading.around(unless(halt, is_stop, finish::publish(store, &claim, &folder.output()))).await
        }
    }
}

impl Context {
    fn bounds(&self, timeout: Option<f64>) -> Bounds {
        Bounds {
            stall: self.settings.stall_timeout,
            timeout: timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            // What is left of the grace is for uploading and saying so.
            release: self.settings.drain_grace.mul_f64(0.7),
        }
    }
}

fn is_stop(halt: &Halt) -> bool {
    matches!(halt, Halt::Stop(_))
}

/// Does some work of the supervisor's, unless the claim is ended by something that must be heeded.
async fn unless<T>(
    halt: &mut HaltSignal,
    heeds: impl Fn(&Halt) -> bool,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        result = work => result,
        Ok(halt) = halt.wait_for(|halt| halt.as_ref().is_some_and(&heeds)) => Err(match &*halt {
            Some(Halt::Stop(reason)) => Failure::new(FailureClass::Cancelled, reason),
            Some(Halt::Release(reason)) => Failure::new(FailureClass::Released, reason),
            None => Failure::new(FailureClass::Released, "it was ended without a reason"),
        }),
    }
}
