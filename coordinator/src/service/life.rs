//! Commands meet rows: each transition of a job's life in one transaction with what its attempts become, then its effects.
//!
//! What may happen when is said by [`crate::domain::transition`] alone; here it is only carried out.

use common::ports::Level;
use common::vocabulary::{AttemptId, FailureClass, JobId, Timestamp};
use common::wire::{CheckpointRef, Claim, Doorbell, ToWorker};

use super::core::Core;
use super::fault::{Mutant, Step};
use super::{Result, artifact, inbox, record, show};
use crate::db::{self, Connection, jobs::Job};
use crate::domain::transition::{Command, Effect, Rejected, State, transition};

/// A claim ended without a result.
pub(super) fn failed(
    claim: Claim,
    class: FailureClass,
    message: impl Into<String>,
    checkpoint: Option<CheckpointRef>,
) -> Command {
    Command::Fail { claim, class, message: message.into(), checkpoint, jitter: jitter() }
}

/// The attempt sealed something that cannot be used.
pub(super) fn unusable(attempt: AttemptId, message: impl Into<String>) -> Command {
    Command::Unusable { attempt, message: message.into(), jitter: jitter() }
}

/// A draw from 0..1; it only spreads retries.
fn jitter() -> f64 {
    f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
}

/// Gives a command to a job, and carries out what follows. What does not apply changes nothing, and is answered.
pub(super) async fn command(core: &Core, id: JobId, command: Command) -> Result<std::result::Result<(), Rejected>> {
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(mut job) = db::jobs::get(&mut tx, id).await? else { return Ok(Ok(())) };
    let effects = match apply(core, &mut tx, &mut job, &command, now).await? {
        Ok(effects) => effects,
        Err(rejected) => {
            tracing::debug!(job = %id, ?command, %rejected, "nothing changes");
            return Ok(Err(rejected));
        }
    };
    db::jobs::save(&mut tx, &job).await?;
    tx.commit().await.map_err(db::Error::from)?;
    tracing::debug!(job = %id, state = %job.state(), ?command, "the job goes on");
    follow(core, &job, effects).await?;
    Ok(Ok(()))
}

/// Applies a command to a job in the caller's transaction, with what its attempts become. The caller saves the row.
pub(super) async fn apply(
    core: &Core,
    tx: &mut Connection,
    job: &mut Job,
    command: &Command,
    now: Timestamp,
) -> Result<std::result::Result<Vec<Effect>, Rejected>> {
    let (life, effects) = match transition(&job.life, command, &core.retry, now) {
        Ok(next) => next,
        Err(rejected) => return Ok(Err(rejected)),
    };
    note(tx, job, command, now).await?;
    job.life = life;
    if job.state().is_ended() {
        job.ended_at = Some(now);
        core.progress().remove(&job.id);
    }
    Ok(Ok(effects))
}

/// Keeps what a command means for the job's attempts and its explanation. Called before the job has changed.
async fn note(tx: &mut Connection, job: &mut Job, command: &Command, now: Timestamp) -> Result<()> {
    match command {
        Command::Dispatch { attempt } | Command::Redispatch { attempt } => {
            if let State::Dispatched { attempt: unheard, .. } = job.life.state {
                db::attempts::end(tx, unheard, "unclaimed", None, None, now).await?;
            }
            db::attempts::insert(tx, *attempt, job.id, job.life.number + 1, now).await?;
        }
        Command::Claim(claim) => {
            if job.holder().is_none() {
                let resumed = job.life.checkpoint.as_ref().map(|checkpoint| checkpoint.step);
                db::attempts::start(tx, claim.attempt, claim.claim, claim.worker, resumed, now).await?;
                job.started_at = Some(now);
                job.why.clear();
            }
        }
        Command::Decline(claim) => db::attempts::end(tx, claim.attempt, "declined", None, None, now).await?,
        Command::Fail { claim, class, message, .. } => {
            db::attempts::end(tx, claim.attempt, class.as_str(), Some(message), None, now).await?;
            job.why = format!("attempt {} ended as {class}: {message}", job.life.number);
        }
        Command::Finish(claim) => {
            db::attempts::end(tx, claim.attempt, "result", None, None, now).await?;
            job.why = "done".into();
        }
        // Whoever records the result knows more of the attempt.
        Command::Sealed { .. } | Command::Judge => {}
        Command::Revoked { attempt } => db::attempts::end(tx, *attempt, "revoked", None, None, now).await?,
        Command::Unusable { attempt, message, .. } => {
            db::attempts::end(tx, *attempt, "unusable", Some(message), None, now).await?;
            job.why = message.clone();
        }
        Command::Cancel => {
            // One that was claimed and leaves a seal ends when that is decided.
            if let (State::Dispatched { attempt, .. }, _) | (State::Running { claim: Claim { attempt, .. } }, false) =
                (&job.life.state, job.life.sealed)
            {
                db::attempts::end(tx, *attempt, "cancelled", None, None, now).await?;
            }
            job.why = "somebody cancelled it".into();
        }
    }
    Ok(())
}

/// Carries out what follows from a change that is committed. If it is cut short here, the loops find the row and do it again.
pub(super) async fn follow(core: &Core, job: &Job, effects: Vec<Effect>) -> Result<()> {
    show::job_changed(core, job.id).await;
    core.line_changed.notify_one();
    for effect in effects {
        match effect {
            Effect::Ring { attempt } => {
                core.fault.at(Step::Dispatched).await;
                let doorbell = Doorbell { job: job.id, attempt };
                core.ports.queue.publish(&job.pool, Level::of_score(job.score), doorbell).await?;
                core.fault.at(Step::Rung).await;
            }
            Effect::Grant { claim } => inbox::grant(core, claim, job).await?,
            Effect::Stop { claim, reason } => {
                let stop = ToWorker::Stop { claim: claim.claim, reason: reason.into() };
                inbox::tell(core, claim.worker, &stop).await?;
            }
            Effect::Revoke { attempt } => settle(core, job.id, attempt, "the job was cancelled").await?,
            // The result was found by whoever records it.
            Effect::Record { .. } => {}
        }
    }
    Ok(())
}

/// Decides an attempt by its seal: given up, unless its result was first.
pub(super) async fn settle(core: &Core, id: JobId, attempt: AttemptId, reason: &str) -> Result<()> {
    if core.fault.has(Mutant::NoSealCheck) {
        let _unchecked = Box::pin(command(core, id, Command::Revoked { attempt })).await?;
        return Ok(());
    }
    match artifact::revoke(core.ports.store.as_ref(), id, attempt, reason).await? {
        None => {
            let _what_no_longer_applies = Box::pin(command(core, id, Command::Revoked { attempt })).await?;
        }
        Some(_) => record::wanted(core, id),
    }
    Ok(())
}

/// A waiting job can never be trained.
pub(super) async fn hopeless(core: &Core, id: JobId, why: &str) -> Result<()> {
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(mut job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    if !matches!(job.life.state, State::Queued { unsettled: None }) {
        return Ok(());
    }
    job.life.state = State::Failed { class: FailureClass::Data, message: why.to_owned() };
    (job.ended_at, job.why) = (Some(now), why.to_owned());
    db::jobs::save(&mut tx, &job).await?;
    tx.commit().await.map_err(db::Error::from)?;
    follow(core, &job, Vec::new()).await
}
