//! Cancelling: at once where nobody can have finished, else the seal decides.

use super::{Effect, Life, State, Transition};

pub(super) fn cancel(life: &Life) -> Transition {
    let flagged = Life { cancelling: true, ..life.clone() };
    match &life.state {
        State::Queued { unsettled: None } | State::Dispatched { .. } => {
            Ok((flagged.with_state(State::Cancelled), vec![]))
        }
        State::Queued { unsettled: Some(attempt) } => Ok((flagged, vec![Effect::Revoke { attempt: *attempt }])),
        State::Running { claim } if life.sealed => Ok((flagged, vec![Effect::Revoke { attempt: claim.attempt }])),
        State::Running { claim } => {
            let stop = Effect::Stop { claim: *claim, reason: "cancelled" };
            Ok((flagged.with_state(State::Cancelled), vec![stop]))
        }
        // The result was first: it is recorded, and because of the flag not promoted.
        State::Judging { .. } => Ok((flagged, vec![])),
        State::Completed | State::Failed { .. } | State::Cancelled => life.not_now(),
    }
}
