//! The life of a job, as one function: `transition(life, command) -> (life, effects)`. No clock, no IO, no chance: time and
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
mod life;
mod seal;
#[cfg(test)]
mod tests;
mod yielding;

use common::vocabulary::Timestamp;

pub use self::command::{Command, Effect, Rejected};
pub use self::failure::RetryPolicy;
pub use self::life::{Life, State, Transition};

/// What a command does to a job.
///
/// # Errors
/// [`Rejected`]: nothing changes.
pub fn transition(life: &Life, command: &Command, policy: &RetryPolicy, now: Timestamp) -> Transition {
    match command {
        Command::Dispatch { attempt } => dispatch::dispatch(life, *attempt, policy, now),
        Command::Redispatch { attempt } => dispatch::redispatch(life, *attempt, policy, now),
        Command::Claim(claim) => claim::claim(life, *claim),
        Command::Decline(claim) => yielding::decline(life, *claim),
        Command::TurnDown { claim, .. } => yielding::turn_down(life, *claim, policy, now),
        Command::Fail { claim, class, checkpoint, jitter, .. } => {
            failure::fail(life, *claim, *class, checkpoint.as_ref(), policy, now, *jitter)
        }
        Command::Finish(claim) => claim::finish(life, *claim),
        Command::Sealed { attempt, manifest } => seal::sealed(life, *attempt, *manifest),
        Command::Revoked { attempt } => seal::revoked(life, *attempt, policy),
        Command::Unusable { attempt, jitter, .. } => failure::unusable(life, *attempt, policy, now, *jitter),
        Command::Recall { attempt } => yielding::recall(life, *attempt),
        Command::Yield { claim, preempted, reason } => yielding::give_back(life, *claim, *preempted, reason),
        Command::Judge => seal::judge(life),
        Command::Cancel => cancel::cancel(life),
    }
}
