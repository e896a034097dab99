//! What the seal of an attempt means for its job.

use common::vocabulary::{AttemptId, ContentHash, FailureClass};

use super::{Effect, Lifecycle, Rejected, RetryPolicy, State, Transition};

/// A result counts whenever its seal is found: also of a worker that had been given up for dead.
pub(super) fn sealed(lifecycle: &Lifecycle, attempt: AttemptId, manifest: ContentHash) -> Transition {
    let current = match &lifecycle.state {
        State::Queued { unsettled } => *unsettled,
        State::Dispatched { attempt, .. } => Some(*attempt),
        State::Running { claim } => Some(claim.attempt),
        State::Judging { .. } | State::Completed | State::Failed { .. } | State::Cancelled => {
            return lifecycle.not_now();
        }
    };
    if current == Some(attempt) {
        Ok((lifecycle.with_state(State::Judging { attempt }), vec![Effect::Record { attempt, manifest }]))
    } else {
        Err(Rejected::Stale)
    }
}

/// Our seal was first: the attempt can no longer count. A cancelled job ends here, and one that only loses workers.
pub(super) fn revoked(lifecycle: &Lifecycle, attempt: AttemptId, policy: &RetryPolicy) -> Transition {
    match &lifecycle.state {
        State::Queued { unsettled } if *unsettled == Some(attempt) => {
            let state = if lifecycle.cancelling {
                State::Cancelled
            } else if policy.is_poison(lifecycle) {
                State::Failed { class: FailureClass::Lost }
            } else {
                State::Queued { unsettled: None }
            };
            Ok((lifecycle.with_state(state), vec![]))
        }
        State::Running { claim } if claim.attempt == attempt && lifecycle.cancelling => {
            let stop = Effect::Stop { claim: *claim, reason: "cancelled" };
            Ok((lifecycle.with_state(State::Cancelled), vec![stop]))
        }
        State::Queued { .. } | State::Running { .. } => Err(Rejected::Stale),
        State::Dispatched { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => lifecycle.not_now(),
    }
}

/// The verdict is in, whatever it is.
pub(super) fn judge(lifecycle: &Lifecycle) -> Transition {
    match lifecycle.state {
        State::Judging { .. } => Ok((lifecycle.with_state(State::Completed), vec![])),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Running { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => lifecycle.not_now(),
    }
}
