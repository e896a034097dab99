//! Cancelling: at once where nobody can have finished, else the seal decides.

use super::{Effect, Lifecycle, State, Transition};

pub(super) fn cancel(lifecycle: &Lifecycle) -> Transition {
    let flagged = Lifecycle { cancelling: true, ..lifecycle.clone() };
    match &lifecycle.state {
        State::Queued { unsettled: None } | State::Dispatched { .. } => {
            Ok((flagged.with_state(State::Cancelled), vec![]))
        }
        State::Queued { unsettled: Some(attempt) } => Ok((flagged, vec![Effect::Revoke { attempt: *attempt }])),
        State::Running { claim } if lifecycle.sealed => Ok((flagged, vec![Effect::Revoke { attempt: claim.attempt }])),
        State::Running { claim } => {
            let stop = Effect::Stop { claim: *claim, reason: "cancelled" };
            Ok((flagged.with_state(State::Cancelled), vec![stop]))
        }
        // The result was first: it is recorded, and because of the flag not promoted.
        State::Judging { .. } => Ok((flagged, vec![])),
        State::Completed | State::Failed { .. } | State::Cancelled => lifecycle.not_now(),
    }
}
