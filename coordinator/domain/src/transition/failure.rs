//! Attempts that end without a result: what each class of failure costs, and when the job is tried again.

use common::vocabulary::{AttemptId, FailureClass, Timestamp};
use common::wire::{CheckpointRef, Claim};

use super::{Lifecycle, Rejected, State, Transition};

/// How often, and how soon, a job is tried again. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Failures of its own that a job may have.
    pub max_attempts: u32,
    /// Losses in a row without progress that fail it: a job that kills its workers must stop.
    pub max_idle_losses: u32,
    /// Delay of the second retry of a failure of its own; the first is immediate.
    pub backoff_base: f64,
    /// Each further one waits so much longer.
    pub backoff_factor: f64,
    /// At most this.
    pub backoff_cap: f64,
    /// A doorbell that nobody claims for so long is rung again.
    pub unclaimed_after: f64,
    /// A job that a worker cannot understand is not offered again for so long.
    pub turned_down_for: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            max_idle_losses: 5,
            backoff_base: 10.0,
            backoff_factor: 2.0,
            backoff_cap: 600.0,
            unclaimed_after: 5.0,
            turned_down_for: 30.0,
        }
    }
}

impl RetryPolicy {
    /// Seconds before retry `n` (from 1), `jitter` in 0..1: between half of the exponential delay and all of it.
    pub fn delay(&self, n: u32, jitter: f64) -> f64 {
        match n {
            0 | 1 => 0.0,
            n => {
                let exponent = i32::try_from(n - 2).unwrap_or(i32::MAX);
                let full = (self.backoff_base * self.backoff_factor.powi(exponent)).min(self.backoff_cap);
                full * (0.5 + 0.5 * jitter.clamp(0.0, 1.0))
            }
        }
    }
}

/// The number of a retry without a delay.
const AT_ONCE: u32 = 0;

/// The smallest batch an out-of-memory kill is answered with.
const SMALLEST_BATCH: u32 = 4;

pub(super) fn fail(
    lifecycle: &Lifecycle,
    claim: Claim,
    class: FailureClass,
    checkpoint: Option<&CheckpointRef>,
    policy: &RetryPolicy,
    now: Timestamp,
    jitter: f64,
) -> Transition {
    match &lifecycle.state {
        State::Running { claim: holder } if *holder == claim => {
            // Only an attempt whose kind is sealed can still surprise us.
            let unsettled = lifecycle.sealed.then_some(claim.attempt);
            let mut next = lifecycle.clone();
            if newer(checkpoint, lifecycle.checkpoint.as_ref()) {
                next.checkpoint = checkpoint.cloned();
            }
            Ok((after(next, class, unsettled, policy, now, jitter), vec![]))
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

/// A sealed result that cannot be used counts as a failure of the job's own; its seal stands, so nothing is unsettled.
pub(super) fn unusable(
    lifecycle: &Lifecycle,
    attempt: AttemptId,
    policy: &RetryPolicy,
    now: Timestamp,
    jitter: f64,
) -> Transition {
    let current = match &lifecycle.state {
        State::Queued { unsettled } => *unsettled,
        State::Dispatched { attempt, .. } => Some(*attempt),
        State::Running { claim } => Some(claim.attempt),
        State::Judging { .. } | State::Completed | State::Failed { .. } | State::Cancelled => {
            return lifecycle.not_now();
        }
    };
    if current != Some(attempt) {
        return Err(Rejected::Stale);
    }
    Ok((after(lifecycle.clone(), FailureClass::Code, None, policy, now, jitter), vec![]))
}

fn newer(new: Option<&CheckpointRef>, old: Option<&CheckpointRef>) -> bool {
    new.is_some_and(|new| old.is_none_or(|old| new.step > old.step))
}

/// The life after a failure of this class.
fn after(
    mut lifecycle: Lifecycle,
    class: FailureClass,
    unsettled: Option<AttemptId>,
    policy: &RetryPolicy,
    now: Timestamp,
    jitter: f64,
) -> Lifecycle {
    if lifecycle.cancelling {
        // No reason to try again; where a seal could have been written, the one we asked for decides.
        let state = unsettled.map_or(State::Cancelled, |last| State::Queued { unsettled: Some(last) });
        return lifecycle.with_state(state);
    }
    let retry = match class {
        FailureClass::Data => None,
        FailureClass::Damaged
        | FailureClass::Code
        | FailureClass::Crash
        | FailureClass::Timeout
        | FailureClass::Stall => {
            lifecycle.burnt += 1;
            (lifecycle.burnt < policy.max_attempts).then_some(lifecycle.burnt)
        }
        FailureClass::OutOfMemory => halve_batch(&mut lifecycle).then_some(AT_ONCE),
        // A worker given up for dead may have sealed: the last loss is final only once that attempt is revoked. No other waits: a loss shows
        // only after a lease of silence, and a job that kills its workers is stopped by the number of its losses, not by their distance.
        FailureClass::Lost => (note_loss(&mut lifecycle, policy) || unsettled.is_some()).then_some(AT_ONCE),
        // We asked for it: that says nothing of the job, however often it happens.
        FailureClass::Released if lifecycle.yielding => Some(AT_ONCE),
        // Given back on purpose: no reason to wait.
        FailureClass::Released | FailureClass::Cancelled => note_loss(&mut lifecycle, policy).then_some(AT_ONCE),
    };
    match retry {
        Some(n) => {
            let delay = policy.delay(n, jitter);
            lifecycle.not_before = (delay > 0.0).then(|| now.plus_seconds(delay));
            lifecycle.with_state(State::Queued { unsettled })
        }
        None => lifecycle.with_state(State::Failed { class }),
    }
}

/// Once more with half the batch: a new training, so earlier checkpoints do not fit. `false` if that has been tried.
fn halve_batch(lifecycle: &mut Lifecycle) -> bool {
    let half = (lifecycle.batch_size / 2).max(SMALLEST_BATCH);
    if lifecycle.reduced_batch.is_some() || half >= lifecycle.batch_size {
        return false;
    }
    lifecycle.reduced_batch = Some(half);
    lifecycle.checkpoint = None;
    lifecycle.kept_step = 0;
    true
}

impl RetryPolicy {
    /// Whether a job has been lost too often without getting on.
    pub(super) fn is_poison(&self, lifecycle: &Lifecycle) -> bool {
        lifecycle.idle_losses >= self.max_idle_losses
    }
}

/// Counts a loss; `false` when there were too many in a row without progress.
fn note_loss(lifecycle: &mut Lifecycle, policy: &RetryPolicy) -> bool {
    let step = lifecycle.checkpoint.as_ref().map_or(0, |c| c.step);
    lifecycle.idle_losses = if step > lifecycle.kept_step { 0 } else { lifecycle.idle_losses + 1 };
    lifecycle.kept_step = lifecycle.kept_step.max(step);
    !policy.is_poison(lifecycle)
}
