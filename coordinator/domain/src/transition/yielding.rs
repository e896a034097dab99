//! Work that is taken back: from the queue where nobody has claimed it yet, from a worker with a checkpoint.

use common::vocabulary::{AttemptId, Timestamp};
use common::wire::Claim;

use super::{Effect, Lifecycle, Rejected, RetryPolicy, State, Transition};
use crate::job_reason::JobReason;

/// Nobody has claimed it, so nothing is unsettled: it waits at its old position.
pub(super) fn recall(lifecycle: &Lifecycle, attempt: AttemptId) -> Transition {
    match lifecycle.state {
        State::Dispatched { attempt: out, .. } if out == attempt => {
            Ok((lifecycle.with_state(State::Queued { unsettled: None }), vec![]))
        }
        State::Dispatched { .. } => Err(Rejected::Stale),
        State::Queued { .. }
        | State::Running { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => lifecycle.not_now(),
    }
}

/// Nobody has begun it. If the row names the claim by now, the grant met a worker that had given it up: that costs nothing either, and the
/// seal is asked all the same.
pub(super) fn decline(lifecycle: &Lifecycle, claim: Claim) -> Transition {
    match &lifecycle.state {
        State::Running { claim: holder } if *holder == claim => {
            let unsettled = lifecycle.sealed.then_some(claim.attempt);
            Ok((lifecycle.with_state(State::Queued { unsettled }), vec![]))
        }
        State::Running { .. } => Err(Rejected::Stale),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => recall(lifecycle, claim.attempt),
    }
}

/// Its worker will not understand it the next time either: it waits a little for another one. That costs nothing.
pub(super) fn turn_down(lifecycle: &Lifecycle, claim: Claim, policy: &RetryPolicy, now: Timestamp) -> Transition {
    let (mut next, effects) = decline(lifecycle, claim)?;
    next.not_before = Some(now.plus_seconds(policy.turned_down_for));
    Ok((next, effects))
}

/// It runs on until its worker says that it has given it back: a result that is sealed before counts as any other.
pub(super) fn give_back(lifecycle: &Lifecycle, claim: Claim, preempted: bool, reason: &JobReason) -> Transition {
    match &lifecycle.state {
        State::Running { .. } if lifecycle.cancelling => Err(Rejected::Cancelling),
        State::Running { .. } if lifecycle.yielding => Err(Rejected::Yielding),
        State::Running { claim: holder } if *holder == claim => {
            let preemptions = lifecycle.preemptions + u32::from(preempted);
            let next = Lifecycle { yielding: true, preemptions, ..lifecycle.clone() };
            Ok((next, vec![Effect::Release { claim, reason: reason.clone() }]))
        }
        State::Running { .. } => Err(Rejected::Stale),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => lifecycle.not_now(),
    }
}
