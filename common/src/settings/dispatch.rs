//! `dispatch`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::duration;

/// How jobs are handed out, kept and tried again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dispatch {
    /// How often a worker says that it lives.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "50ms", "maximum" = "1min"))]
    pub heartbeat: Duration,
    /// How long a worker may be silent before its jobs go back into the line. At least two heartbeats.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "100ms", "maximum" = "1h"))]
    pub lease: Duration,
    /// How long a job that was handed out may stay unclaimed while slots are free.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "100ms", "maximum" = "1h"))]
    pub unclaimed_after: Duration,
    /// Attempts a job has, not counting those that were lost or given back.
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: u32,
    /// Attempts in a row that may be lost without progress before a job fails.
    #[schemars(range(min = 1, max = 100))]
    pub max_lost: u32,
    /// Wait before the second retry of a failure of its own; the first is immediate, and so is every one after a loss.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1ms", "maximum" = "1h"))]
    pub backoff_base: Duration,
    /// Each further wait is so many times the one before.
    #[schemars(range(min = 1.0, max = 10.0))]
    pub backoff_factor: f64,
    /// Longest wait before a retry.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1ms", "maximum" = "1day"))]
    pub backoff_max: Duration,
    /// Jobs of a pool without a live worker may run in the pool `cpu`, unless they ask for a GPU.
    pub cpu_fallback: bool,
    /// A waiting job whose score is better by so many points takes the slot of a running training, which goes on later from a
    /// checkpoint. Without it, none is interrupted.
    #[schemars(range(min = 0.1, max = 10_000.0))]
    pub preempt_margin: Option<f64>,
    /// No training is interrupted before it has run so long.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("maximum" = "30days"))]
    pub preempt_after: Duration,
    /// How often one job may be interrupted.
    #[schemars(range(min = 1, max = 1000))]
    pub preempt_most: u32,
}

impl Default for Dispatch {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(3),
            lease: Duration::from_secs(12),
            unclaimed_after: Duration::from_secs(5),
            max_attempts: 3,
            max_lost: 5,
            backoff_base: Duration::from_secs(10),
            backoff_factor: 2.0,
            backoff_max: Duration::from_mins(10),
            cpu_fallback: false,
            preempt_margin: None,
            preempt_after: Duration::from_mins(1),
            preempt_most: 2,
        }
    }
}

impl Dispatch {
    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        if self.preempt_margin.is_some_and(|margin| !margin.is_finite()) {
            return Some(("dispatch.preempt_margin", "a finite number is needed, or leave it out".into()));
        }
        (self.lease < 2 * self.heartbeat).then(|| {
            let heartbeat = humantime::format_duration(self.heartbeat);
            (
                "dispatch.lease",
                format!("it must be at least two heartbeats long, and dispatch.heartbeat is {heartbeat}"),
            )
        })
    }
}
