//! Out of the queue: a row becomes a doorbell.

use common::vocabulary::{AttemptId, Timestamp};

use super::{Effect, Lifecycle, Rejected, RetryPolicy, State, Transition};
use crate::due::{elapsed, is_due};

pub(super) fn dispatch(lifecycle: &Lifecycle, attempt: AttemptId, policy: &RetryPolicy, now: Timestamp) -> Transition {
    match lifecycle.state {
        State::Queued { .. } if lifecycle.cancelling => Err(Rejected::Cancelling),
        // A worker given up for dead may have sealed by now: two attempts that could both count must never be.
        State::Queued { unsettled: Some(last) } => Err(Rejected::Unsettled(last)),
        State::Queued { unsettled: None } => match lifecycle.not_before {
            Some(time) if !is_due(time, now, policy.backoff_cap) => Err(Rejected::TooEarly(time)),
            Some(_) | None => Ok(ring(lifecycle, attempt, now)),
        },
        State::Dispatched { .. }
        | State::Running { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => lifecycle.not_now(),
    }
}

pub(super) fn redispatch(
    lifecycle: &Lifecycle,
    attempt: AttemptId,
    policy: &RetryPolicy,
    now: Timestamp,
) -> Transition {
    match lifecycle.state {
        State::Dispatched { at, .. } => {
            if elapsed(at, now) < policy.unclaimed_after {
                return Err(Rejected::TooEarly(at.plus_seconds(policy.unclaimed_after)));
            }
            Ok(ring(lifecycle, attempt, now))
        }
        State::Queued { .. }
        | State::Running { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => lifecycle.not_now(),
    }
}

fn ring(lifecycle: &Lifecycle, attempt: AttemptId, now: Timestamp) -> (Lifecycle, Vec<Effect>) {
    let next = Lifecycle { not_before: None, ..lifecycle.with_state(State::Dispatched { attempt, at: now }) };
    (next, vec![Effect::Ring { attempt }])
}
