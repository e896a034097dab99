//! A worker's side of a dispatch: it claims, or is done.

use common::wire::Claim;

use super::{Effect, Life, Rejected, State, Transition};

/// The first claim of the attempt gets the job; the same claim, repeated because its answer was lost, gets it again.
pub(super) fn claim(life: &Life, claim: Claim) -> Transition {
    match &life.state {
        State::Dispatched { attempt, .. } if *attempt == claim.attempt => {
            let next = Life { number: life.number + 1, ..life.with_state(State::Running { claim }) };
            Ok((next, vec![Effect::Grant { claim }]))
        }
        State::Running { claim: holder } if *holder == claim => Ok((life.clone(), vec![Effect::Grant { claim }])),
        State::Dispatched { .. } | State::Running { .. } => Err(Rejected::Stale),
        State::Queued { .. } | State::Judging { .. } | State::Completed | State::Failed { .. } | State::Cancelled => {
            life.not_now()
        }
    }
}

/// A job without artifacts is done.
pub(super) fn finish(life: &Life, claim: Claim) -> Transition {
    match &life.state {
        State::Running { claim: holder } if *holder == claim && !life.sealed => {
            Ok((life.with_state(State::Completed), vec![]))
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
