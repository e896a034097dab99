//! Claims in a slot, each from grant to end: inputs, training, result.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use common::ports::PortError;
use common::telemetry::table::span;
use common::telemetry::{self, Exchange};
use common::vocabulary::{FailureClass, JobKind};
use common::wire::{Finished, Grant, Outcome};
use futures::FutureExt;
use tokio::time::Instant;

use super::asking::Granted;
use super::checkpoints::CheckpointUploader;
use super::claim_registry::{Halt, HaltSignal};
use super::epochs::Epochs;
use super::offering::Offer;
use super::progress::ProgressPoster;
use super::service::Context;
use super::slots::Slot;
use super::supervise::{Bounds, End, News, supervise};
use super::{finish, inputs};
use crate::executor::{Files, Order};
use crate::failure::Failure;
use crate::fault::{self, Point};

/// Lives through the claims of a slot, one after the other, and gives the slot back, if it can be used again. Their doorbells lay in this
/// queue.
pub(super) async fn live(context: Arc<Context>, mut slot: Slot, granted: Vec<Granted>, queue: String) -> Option<Slot> {
    let system = context.ports.queue.system();
    for (grant, halt) in granted {
        let processing = Exchange::begin(&span::PROCESS, grant.trace, grant.claim.attempt, system, &queue);
        processing.around(one(&context, &mut slot, grant, halt)).await;
        processing.end(&Ok::<(), PortError>(()));
    }
    slot.release(&context)
}

/// One claim. It and the slot are held until everything is decided.
async fn one(context: &Arc<Context>, slot: &mut Slot, grant: Grant, mut halt: HaltSignal) {
    let (start, claim) = (Instant::now(), grant.claim);
    let attempt = if grant.spec.is_small() {
        small(context, slot, grant, &mut halt).left_future()
    } else {
        attempt(context, slot, grant, &mut halt).right_future()
    };
    let outcome = match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_) => {
            let panicked = End::failed(FailureClass::Code, "the worker panicked: its log says where");
            slot.settle(context, panicked).await.map(|()| Outcome::Done)
        }
    };
    let outcome = outcome.unwrap_or_else(|Failure { class, message }| Outcome::Failed { class, message });
    match &outcome {
        Outcome::Done => tracing::debug!(job = %claim.job, claim = %claim.claim, "a claim is done"),
        outcome => tracing::info!(job = %claim.job, claim = %claim.claim, ?outcome, "a claim ended"),
    }
    if let Outcome::Failed { class, message } = &outcome {
        telemetry::failed(format_args!("{class}: {message}"));
    }
    let checkpoint = context.held_claims.newest_checkpoint(claim.claim);
    let finished = Finished { claim, outcome, checkpoint, seconds: start.elapsed().as_secs_f64() };
    context.held_claims.finish(finished.clone());
    context.registry.leave(claim.claim);
    context.hints.give(finished);
}

/// A job without files that is over in a moment: no folder, no progress to show.
async fn small(
    context: &Arc<Context>,
    slot: &mut Slot,
    grant: Grant,
    halt: &mut HaltSignal,
) -> Result<Outcome, Failure> {
    let bounds = context.bounds(grant.timeout);
    // One that is not wanted any more need not begin.
    unless(halt, |_| true, std::future::ready(Ok(()))).await?;
    let claim = grant.claim;
    let end =
        supervise(slot.executor(context)?, context.order(grant, Files::default()), halt, bounds, |news| match news {
            News::Report(report) => context.held_claims.step(claim.claim, report.step),
            News::Checkpoint(..) => {}
        })
        .await;
    let result = if end.spoiled { slot.settle(context, end).await } else { end.result };
    result.map(|()| Outcome::Done)
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

    let (kind, bounds) = (grant.spec.kind(), context.bounds(grant.timeout));
    let resumed = grant.resume.is_some();
    let order = context.order(grant, files);
    let checkpoints = CheckpointUploader::start(context.clone(), claim);
    let mut epochs = Epochs::begin(&order.spec, resumed);
    let end = supervise(slot.executor(context)?, order, halt, bounds, |news| match news {
        News::Report(report) => {
            epochs.saw(&report);
            context.held_claims.step(claim.claim, report.step);
            progress.report(report);
        }
        News::Checkpoint(file, step) => checkpoints.offer(file, step),
    })
    .await;
    epochs.end(&end.result);
    if let Err(failure) = slot.settle(context, end).await {
        // Whoever goes on from here wants the newest checkpoint; nobody goes on from a cancelled one.
        if failure.class != FailureClass::Cancelled {
            let _ = unless(halt, is_stop, checkpoints.flush().map(Ok)).await;
        }
        return Err(failure);
    }
    progress.phase("uploading");
    let offer = Offer::new(&context.held_claims, claim.claim);
    match kind {
        JobKind::Probe => Ok(Outcome::Done),
        JobKind::Predict => {
            let uploading = span::UPLOAD.here().begin();
            uploading.around(unless(halt, |_| true, finish::upload_predictions(store, &offer, &folder.output()))).await
        }
        JobKind::Train | JobKind::Trial | JobKind::Evaluate | JobKind::Monitor => {
            let uploading = span::UPLOAD.here().begin();
            uploading.around(unless(halt, is_stop, finish::publish(store, &offer, &claim, &folder.output()))).await
        }
    }
}

impl Context {
    fn order(&self, grant: Grant, files: Files) -> Order {
        Order {
            job: grant.claim.job,
            attempt: grant.claim.attempt,
            spec: grant.spec,
            batch_size: grant.batch_size,
            files,
            checkpoint_every: self.settings.checkpoint_every.as_secs_f64(),
        }
    }

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
