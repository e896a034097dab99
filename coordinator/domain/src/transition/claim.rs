//! A worker's side of a dispatch: it claims, or is done.

use common::wire::Claim;

use super::{Effect, Lifecycle, Rejected, State, Transition};

/// The first claim of the attempt gets the job; the same claim, repeated because its answer was lost, gets it again.
pub(super) fn claim(lifecycle: &Lifecycle, claim: Claim) -> Transition {
    match &lifecycle.state {
        State::Dispatched { attempt, .. } if *attempt == claim.attempt => {
            let next = Lifecycle { number: lifecycle.number + 1, ..lifecycle.with_state(State::Running { claim }) };
            Ok((next, vec![Effect::Grant { claim }]))
        }
        State::Running { claim: holder } if *holder == claim => Ok((lifecycle.clone(), vec![Effect::Grant { claim }])),
        State::Dispatched { .. } | State::Running { .. } => Err(Rejected::Stale),
        State::Queued { .. } | State::Judging { .. } | State::Completed | State::Failed { .. } | State::Cancelled => {
            lifecycle.not_now()
        }
    }
}

/// A job without artifacts is done.
pub(super) fn finish(lifecycle: &Lifecycle, claim: Claim) -> Transition {
    match &lifecycle.state {
        State::Running { claim: holder } if *holder == claim && !lifecycle.sealed => {
            Ok((lifecycle.with_state(State::Completed), vec![]))
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
