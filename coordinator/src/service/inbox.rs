//! What workers say: claims are answered, heartbeats reconciled with the rows, ends handed on. All coordinators listen, to know
//! the workers and to show progress; the leader alone answers.

use std::sync::Arc;
use std::time::Duration;

use common::ports::{Cursor, Mailbox};
use common::vocabulary::{ClaimId, CurvePoint, FailureClass, Timestamp, WorkerId};
use common::wire::codec::{self, Limits};
use common::wire::{CheckpointRef, Claim, Finished, Grant, Heartbeat, Outcome, Progress, ToCoordinator, ToWorker};
use newtype_uuid::GenericUuid;

use super::backoff::Backoff;
use super::core::Core;
use super::fault::Step;
use super::{Result, lease, life, record, timeout};
use crate::db::{self, jobs::Job};
use crate::domain::transition::Command;
use crate::views::{CurveView, Event, ProgressView};

/// Messages read at once: claims among them are answered in one transaction.
const BATCH: usize = 256;
/// How long one read waits.
const WAIT: Duration = Duration::from_secs(1);

/// Listens until the coordinator stops. What was said before is not needed: all of it is repeated.
pub(super) async fn run(core: Arc<Core>) {
    let mut cursor = None;
    let mut backoff = Backoff::new();
    loop {
        let done = round(&core, &mut cursor).await;
        if let Err(error) = &done {
            tracing::warn!(%error, "the coordinator's mailbox will be read again");
            cursor = None;
        }
        backoff.after(&done).await;
    }
}

async fn round(core: &Core, cursor: &mut Option<Cursor>) -> Result<()> {
    let after = match *cursor {
        Some(cursor) => cursor,
        None => core.ports.bus.tail(Mailbox::Coordinator).await?,
    };
    *cursor = Some(after);
    let posted = core.ports.bus.read(Mailbox::Coordinator, after, BATCH, WAIT).await?;
    let mut claims = Vec::new();
    for message in posted {
        *cursor = Some(message.cursor);
        match codec::decode(&message.body, Limits::default()) {
            Ok(ToCoordinator::Heartbeat(heartbeat)) if !core.leads() => {
                core.fleet().hear(heartbeat, Timestamp::now());
            }
            Ok(ToCoordinator::Claim(_) | ToCoordinator::Declined(_) | ToCoordinator::Finished(_)) if !core.leads() => {}
            Ok(ToCoordinator::Claim(claim)) => claims.push(claim),
            Ok(ToCoordinator::Declined(claim)) => tell_row(core, claim, Command::Decline(claim)).await?,
            Ok(ToCoordinator::Heartbeat(heartbeat)) => hear(core, heartbeat).await?,
            Ok(ToCoordinator::Progress(progress)) => show_progress(core, progress).await?,
            Ok(ToCoordinator::Finished(finished)) => end(core, finished).await?,
            Err(error) => tracing::warn!(%error, "a message cannot be read and is left out"),
        }
    }
    if !claims.is_empty() {
        answer(core, claims).await?;
    }
    core.has_listened();
    Ok(())
}

/// Answers claims, all in one transaction: the row names the claim first, the grant follows.
async fn answer(core: &Core, claims: Vec<Claim>) -> Result<()> {
    let now = Timestamp::now();
    let mut answers = Vec::with_capacity(claims.len());
    let mut tx = core.db.begin().await?;
    for claim in claims {
        let answer = match db::jobs::get(&mut tx, claim.job).await? {
            None => Err("there is no such job".to_owned()),
            Some(mut job) => match life::apply(core, &mut tx, &mut job, &Command::Claim(claim), now).await? {
                Err(rejected) => Err(rejected.to_string()),
                Ok(effects) => {
                    db::jobs::save(&mut tx, &job).await?;
                    Ok((job, effects))
                }
            },
        };
        answers.push((claim, answer));
    }
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Granted).await;
    for (claim, answer) in answers {
        match answer {
            Ok((job, effects)) => {
                core.fleet().expect(claim.worker, now);
                life::follow(core, &job, effects).await?;
                core.fault.at(Step::Answered).await;
            }
            Err(reason) => tell(core, claim.worker, &ToWorker::Refuse { claim: claim.claim, reason }).await?,
        }
    }
    Ok(())
}

/// Tells a worker to start.
pub(super) async fn grant(core: &Core, claim: Claim, job: &Job) -> Result<()> {
    let timeout = match &job.model {
        Some(model) => timeout::of(&db::attempts::seconds_of(&mut *core.db.read().await?, model).await?),
        None => None,
    };
    let answer = match job.spec.clone() {
        Some(spec) => ToWorker::Grant(Box::new(Grant {
            claim,
            number: job.life.number,
            spec,
            resume: job.life.checkpoint.clone(),
            batch_size: job.life.reduced_batch,
            timeout,
        })),
        None => ToWorker::Refuse { claim: claim.claim, reason: "its data are not frozen".into() },
    };
    tell(core, claim.worker, &answer).await
}

/// Gives a command to the row a claim speaks of; what does not apply any more is left out.
async fn tell_row(core: &Core, claim: Claim, command: Command) -> Result<()> {
    let _what_no_longer_applies = life::command(core, claim.job, command).await?;
    Ok(())
}

/// Says something to a worker.
pub(super) async fn tell(core: &Core, worker: WorkerId, message: &ToWorker) -> Result<()> {
    Ok(core.ports.bus.post(Mailbox::Worker(worker), codec::encode(message)?).await?)
}

/// Reconciles a heartbeat with the rows.
async fn hear(core: &Core, heartbeat: Heartbeat) -> Result<()> {
    let (worker, now) = (heartbeat.worker, Timestamp::now());
    if !core.fleet().hear(heartbeat.clone(), now) {
        return Ok(());
    }
    lease::heard(core, worker).await?;
    let running = db::line::held_by(&mut *core.db.read().await?, worker).await?;
    for held in &heartbeat.held {
        match running.get(&held.claim.job) {
            Some(job) if job.holder() == Some(held.claim) => {
                core.fleet().present(worker, held.claim.claim);
                keep_checkpoint(core, job, held.checkpoint.as_ref()).await?;
            }
            Some(_) | None => {
                let reason = "its row names another claim".to_owned();
                tell(core, worker, &ToWorker::Stop { claim: held.claim.claim, reason }).await?;
            }
        }
    }
    for finished in &heartbeat.finished {
        end(core, finished.clone()).await?;
    }
    let named = |claim: ClaimId| {
        heartbeat.held.iter().any(|held| held.claim.claim == claim)
            || heartbeat.finished.iter().any(|f| f.claim.claim == claim)
    };
    for job in running.values() {
        let Some(claim) = job.holder().filter(|claim| !named(claim.claim)) else { continue };
        // A grant this young need not be in its worker's heartbeat yet.
        let young =
            job.started_at.is_some_and(|at| now.seconds_since(at) < core.settings.dispatch.heartbeat.as_secs_f64());
        if !young && core.fleet().absent(worker, claim.claim) {
            tell_row(core, claim, life::failed(claim, FailureClass::Lost, "its worker no longer knows it", None))
                .await?;
        }
    }
    if heartbeat.free > 0 {
        core.line_changed.notify_one();
    }
    Ok(())
}

/// Remembers where a running job could go on from.
async fn keep_checkpoint(core: &Core, job: &Job, newest: Option<&CheckpointRef>) -> Result<()> {
    let known = job.life.checkpoint.as_ref().map(|checkpoint| checkpoint.step);
    if newest.is_some_and(|newest| known.is_none_or(|known| newest.step > known)) {
        let mut job = job.clone();
        job.life.checkpoint = newest.cloned();
        let mut tx = core.db.begin().await?;
        // If the row has changed since it was read, the next heartbeat says it again.
        db::jobs::save(&mut tx, &job).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// A claim ended.
async fn end(core: &Core, finished: Finished) -> Result<()> {
    let Finished { claim, outcome, checkpoint, .. } = finished;
    match outcome {
        // Recording confirms it.
        Outcome::Sealed => {
            record::announced(core, claim);
            return Ok(());
        }
        Outcome::Done => tell_row(core, claim, Command::Finish(claim)).await?,
        Outcome::Discarded => {
            tell_row(core, claim, life::failed(claim, FailureClass::Lost, "the attempt had been given up", checkpoint))
                .await?;
        }
        Outcome::Failed { class, message } => {
            tell_row(core, claim, life::failed(claim, class, message, checkpoint)).await?
        }
    }
    tell(core, claim.worker, &ToWorker::Recorded { claim: claim.claim }).await
}

/// Display only.
async fn show_progress(core: &Core, progress: Progress) -> Result<()> {
    let job = progress.claim.job;
    let Some(row) = db::jobs::get(&mut *core.db.read().await?, job).await? else { return Ok(()) };
    if row.holder() != Some(progress.claim) {
        return Ok(());
    }
    if core.leads()
        && (progress.curve.len() > row.curve.len()
            || progress.curve.len() < row.curve.len() && !progress.curve.is_empty())
    {
        let curve: Vec<CurveView> = progress.curve.iter().map(curve_point).collect();
        let mut tx = core.db.begin().await?;
        db::jobs::set_curve(&mut tx, job, &curve).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    let view = ProgressView {
        phase: progress.phase,
        epoch: progress.epoch,
        epochs: progress.epochs,
        step: progress.step,
        steps: progress.steps,
        loss: progress.loss,
        seconds_left: progress.seconds_left,
    };
    core.progress().insert(job, view.clone());
    let model = row.model.map(String::from).unwrap_or_default();
    core.emit(Event::Progress { job: job.into_untyped_uuid(), model, progress: view });
    Ok(())
}

/// A point of the loss curve as it is shown.
pub(super) fn curve_point(point: &CurvePoint) -> CurveView {
    CurveView { epoch: point.epoch, train_loss: point.train_loss, validation_loss: point.validation_loss }
}
