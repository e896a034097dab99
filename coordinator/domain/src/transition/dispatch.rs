//! Out of the line: a row becomes a doorbell.

use common::vocabulary::{AttemptId, Timestamp};

use super::{Effect, Life, Rejected, RetryPolicy, State, Transition};
use crate::due::{elapsed, is_due};

pub(super) fn dispatch(life: &Life, attempt: AttemptId, policy: &RetryPolicy, now: Timestamp) -> Transition {
    match life.state {
        State::Queued { .. } if life.cancelling => Err(Rejected::Cancelling),
        // A worker given up for dead may have sealed by now: two attempts that could both count must never be.
        State::Queued { unsettled: Some(last) } => Err(Rejected::Unsettled(last)),
        State::Queued { unsettled: None } => match life.not_before {
            Some(time) if !is_due(time, now, policy.backoff_cap) => Err(Rejected::TooEarly(time)),
            Some(_) | None => Ok(ring(life, attempt, now)),
        },
        State::Dispatched { .. }
        | State::Running { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => life.not_now(),
    }
}

pub(super) fn redispatch(life: &Life, attempt: AttemptId, policy: &RetryPolicy, now: Timestamp) -> Transition {
    match life.state {
        State::Dispatched { at, .. } => {
            if elapsed(at, now) < policy.unclaimed_after {
                return Err(Rejected::TooEarly(at.plus_seconds(policy.unclaimed_after)));
            }
            Ok(ring(life, attempt, now))
        }
        State::Queued { .. }
        | State::Running { .. }
        | State::Judging { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => life.not_now(),
    }
}

fn ring(life: &Life, attempt: AttemptId, now: Timestamp) -> (Life, Vec<Effect>) {
    let next = Life { not_before: None, ..life.with_state(State::Dispatched { attempt, at: now }) };
    (next, vec![Effect::Ring { attempt }])
}
