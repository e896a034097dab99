//! What a command makes of a job and of its attempt, with the words that explain it; nothing is written yet.

use common::vocabulary::{AttemptId, FailureClass, Timestamp};
use common::wire::{CheckpointRef, Claim};
use domain::job_reason::JobReason;
use domain::transition::{Command, Effect, Rejected, State, transition};

use crate::db::attempts::Ended;
use crate::db::jobs::Job;
use crate::service::runtime::Core;
use crate::service::runtime::job_telemetry::News;

/// A claim ended without a result.
pub(crate) fn failed(
    claim: Claim,
    class: FailureClass,
    message: impl Into<String>,
    checkpoint: Option<CheckpointRef>,
) -> Command {
    Command::Fail { claim, class, message: message.into(), checkpoint, jitter: jitter() }
}

/// The attempt sealed something that cannot be used.
pub(crate) fn unusable(attempt: AttemptId, message: impl Into<String>) -> Command {
    Command::Unusable { attempt, message: message.into(), jitter: jitter() }
}

/// A draw from 0..1; it only spreads retries.
fn jitter() -> f64 {
    f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
}

/// A job after a command, not written yet.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) job: Job,
    pub(crate) effects: Vec<Effect>,
    pub(super) ended: Option<Ended>,
    pub(super) news: Vec<News>,
}

/// What a command does to a job, with what its attempt becomes and the words that explain it.
pub(crate) fn next(core: &Core, job: &Job, command: &Command, now: Timestamp) -> std::result::Result<Next, Rejected> {
    if let Command::Claim(claim) = command
        && !core.fleet().suits(claim.worker, &job.needs())
    {
        return Err(Rejected::Unsuited);
    }
    let (lifecycle, effects) = transition(&job.lifecycle, command, &core.retry, now)?;
    let (ended, mut news) = (ended(job, command, now), Vec::new());
    if matches!(command, Command::Claim(_)) && job.lifecycle.number == 0 {
        news.push(News::Claimed { waited: now.seconds_since(job.enqueued_at) });
    }
    let mut job = Job { lifecycle, ..note(job, command, now) };
    if job.state().is_ended() {
        job.ended_at = Some(now);
        news.push(News::Over);
    }
    Ok(Next { job, effects, ended, news })
}

/// The job with what a command means for its explanation.
fn note(before: &Job, command: &Command, now: Timestamp) -> Job {
    let mut job = before.clone();
    match command {
        Command::Claim(_) if before.holder().is_none() => {
            job.started_at = Some(now);
            job.resumed_from = job.lifecycle.checkpoint.as_ref().map(|checkpoint| checkpoint.step);
            job.reason = None;
        }
        Command::Fail { class, message, .. } => {
            let (number, class, message) = (before.lifecycle.number, *class, message.clone());
            job.reason = Some(JobReason::AttemptEnded { number, class, message });
        }
        Command::TurnDown { reason, .. } => job.reason = Some(JobReason::TurnedDown { message: reason.clone() }),
        Command::Finish(_) => job.reason = Some(JobReason::Done),
        Command::Unusable { message, .. } => job.reason = Some(JobReason::Unusable { message: message.clone() }),
        Command::Cancel => job.reason = Some(JobReason::Cancelled),
        Command::Yield { reason, .. } => job.reason = Some(reason.clone()),
        Command::Dispatch { .. } | Command::Redispatch { .. } => job.dispatched_at = Some(now),
        Command::Recall { .. }
        | Command::Claim(_)
        | Command::Decline(_)
        | Command::Sealed { .. }
        | Command::Revoked { .. }
        | Command::Judge => {}
    }
    job
}

/// The attempt that ends by a command to the job as it was before, if one does.
fn ended(job: &Job, command: &Command, now: Timestamp) -> Option<Ended> {
    let (attempt, outcome, message) = match command {
        Command::Redispatch { .. } => (job.under_way()?.id, "unclaimed", None),
        Command::Decline(claim) => (claim.attempt, "declined", None),
        Command::TurnDown { claim, reason } => (claim.attempt, "declined", Some(reason)),
        Command::Recall { attempt } => (*attempt, "recalled", None),
        Command::Fail { claim, class, message, .. } => (claim.attempt, class.as_str(), Some(message)),
        Command::Finish(claim) => (claim.attempt, "result", None),
        Command::Sealed { attempt, .. } => (*attempt, "result", None),
        Command::Revoked { attempt } => (*attempt, "revoked", None),
        Command::Unusable { attempt, message, .. } => (*attempt, "unusable", Some(message)),
        Command::Cancel => match (&job.lifecycle.state, job.lifecycle.sealed) {
            (State::Dispatched { attempt, .. }, _) | (State::Running { claim: Claim { attempt, .. } }, false) => {
                (*attempt, "cancelled", None)
            }
            // One that was claimed and leaves a seal ends when that is decided.
            _ => return None,
        },
        Command::Dispatch { .. } | Command::Claim(_) | Command::Yield { .. } | Command::Judge => return None,
    };
    let attempt = job.attempt(attempt);
    Some(Ended { attempt, at: now, outcome: outcome.to_owned(), message: message.cloned() })
}
