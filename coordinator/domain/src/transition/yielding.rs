//! Work that is taken back: from the queue where nobody has claimed it yet, from a worker with a checkpoint.

use common::vocabulary::{AttemptId, Timestamp};
use common::wire::Claim;

use super::{Effect, Life, Rejected, RetryPolicy, State, Transition};
use crate::job_reason::JobReason;

/// Nobody has claimed it, so nothing is unsettled: it waits at its old place.
pub(super) fn recall(life: &Life, attempt: AttemptId) -> Transition {
    match life.state {
        State::Dispatched { attempt: out, .. } if out == attempt => {
            Ok((life.with_state(State::Queued { unsettled: None }), vec![]))
        }
        State::Dispatched { .. } => Err(Rejected::Stale),
        State::Queued { .. }
        | State::Running { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => life.not_now(),
    }
}

/// Nobody has begun it. If the row names the claim by now, the grant met a worker that had given it up: that costs nothing either, and the
/// seal is asked all the same.
pub(super) fn decline(life: &Life, claim: Claim) -> Transition {
    match &life.state {
        State::Running { claim: holder } if *holder == claim => {
            let unsettled = life.sealed.then_some(claim.attempt);
            Ok((life.with_state(State::Queued { unsettled }), vec![]))
        }
        State::Running { .. } => Err(Rejected::Stale),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => recall(life, claim.attempt),
    }
}

/// Its worker will not understand it the next time either: it waits a little for another one. That costs nothing.
pub(super) fn turn_down(life: &Life, claim: Claim, policy: &RetryPolicy, now: Timestamp) -> Transition {
    let (mut next, effects) = decline(life, claim)?;
    next.not_before = Some(now.plus_seconds(policy.turned_down_for));
    Ok((next, effects))
}

/// It runs on until its worker says that it has given it back: a result that is sealed before counts as any other.
pub(super) fn give_back(life: &Life, claim: Claim, preempted: bool, reason: &JobReason) -> Transition {
    match &life.state {
        State::Running { .. } if life.cancelling => Err(Rejected::Cancelling),
        State::Running { .. } if life.yielding => Err(Rejected::Yielding),
        State::Running { claim: holder } if *holder == claim => {
            let preemptions = life.preemptions + u32::from(preempted);
            let next = Life { yielding: true, preemptions, ..life.clone() };
            Ok((next, vec![Effect::Release { claim, reason: reason.clone() }]))
        }
        State::Running { .. } => Err(Rejected::Stale),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => life.not_now(),
    }
}
