//! The life of a job, as one function: `transition(lifecycle, command) -> (lifecycle, effects)`. No clock, no IO, no chance: time and
//! jitter come with the command, effects are data that others carry out.
//!
//! ```text
//! queued → dispatched → running → judging → completed | failed | cancelled
//! queued | dispatched → judging          a seal that came late
//! dispatched | running → queued          declined, recalled, unclaimed, failed, lost or given back
//! queued | dispatched | running → cancelled
//! ```

mod cancel;
mod claim;
mod command;
mod dispatch;
mod failure;
mod lifecycle;
mod seal;
#[cfg(test)]
mod tests;
mod yielding;

use common::vocabulary::Timestamp;

pub use self::command::{Command, Effect, Rejected};
pub use self::failure::RetryPolicy;
pub use self::lifecycle::{Lifecycle, State, Transition};

/// What a command does to a job.
///
/// # Errors
/// [`Rejected`]: nothing changes.
pub fn transition(lifecycle: &Lifecycle, command: &Command, policy: &RetryPolicy, now: Timestamp) -> Transition {
    match command {
        Command::Dispatch { attempt } => dispatch::dispatch(lifecycle, *attempt, policy, now),
        Command::Redispatch { attempt } => dispatch::redispatch(lifecycle, *attempt, policy, now),
        Command::Claim(claim) => claim::claim(lifecycle, *claim),
        Command::Decline(claim) => yielding::decline(lifecycle, *claim),
        Command::TurnDown { claim, .. } => yielding::turn_down(lifecycle, *claim, policy, now),
        Command::Fail { claim, class, checkpoint, jitter, .. } => {
            failure::fail(lifecycle, *claim, *class, checkpoint.as_ref(), policy, now, *jitter)
        }
        Command::Finish(claim) => claim::finish(lifecycle, *claim),
        Command::Sealed { attempt, manifest } => seal::sealed(lifecycle, *attempt, *manifest),
        Command::Revoked { attempt } => seal::revoked(lifecycle, *attempt, policy),
        Command::Unusable { attempt, jitter, .. } => failure::unusable(lifecycle, *attempt, policy, now, *jitter),
        Command::Recall { attempt } => yielding::recall(lifecycle, *attempt),
        Command::Yield { claim, preempted, reason } => yielding::give_back(lifecycle, *claim, *preempted, reason),
        Command::Judge => seal::judge(lifecycle),
        Command::Cancel => cancel::cancel(lifecycle),
    }
}
