//! Progress reports: for people, so they wait for nothing and nothing waits for them.

use std::sync::Arc;
use std::time::Duration;

use common::wire::{Claim, Progress, ToCoordinator};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::service::Context;
use crate::executor::Report;

/// Without news the last report is repeated so often.
const REPEAT: Duration = Duration::from_secs(1);

/// Posts the newest report of one claim; ends when dropped.
#[derive(Debug)]
pub(super) struct ProgressPoster {
    claim: Claim,
    rate: Rate,
    newest: watch::Sender<Option<Progress>>,
    task: JoinHandle<()>,
}

impl ProgressPoster {
    /// Starts posting for a claim.
    pub(super) fn start(context: Arc<Context>, claim: Claim) -> Self {
        let (newest, mut reports) = watch::channel(None);
        let task = tokio::spawn(async move {
            loop {
                let _ = tokio::time::timeout(REPEAT, reports.changed()).await;
                let report: Option<Progress> = reports.borrow_and_update().clone();
                if let Some(report) = report {
                    // Display only: what does not get through is not missed.
                    let _ = context.say(&ToCoordinator::Progress(report)).await;
                }
            }
        });
        Self { claim, rate: Rate::default(), newest, task }
    }

    /// The executor reported.
    pub(super) fn report(&mut self, report: Report) {
        let seconds_left = self.rate.seconds_left(Instant::now(), &report);
        let Report { phase, epoch, epochs, step, steps, loss, curve } = report;
        let progress = Progress { claim: self.claim, phase, epoch, epochs, step, steps, loss, seconds_left, curve };
        self.newest.send_replace(Some(progress));
    }

    /// The supervisor itself is at work on the claim.
    pub(super) fn phase(&self, phase: &str) {
        let blank = || Progress {
            claim: self.claim,
            phase: String::new(),
            epoch: 0,
            epochs: 0,
            step: 0,
            steps: 0,
            loss: None,
            seconds_left: None,
            curve: Vec::new(),
        };
        self.newest.send_modify(|newest| newest.get_or_insert_with(blank).phase = phase.into());
    }
}

impl Drop for ProgressPoster {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How fast steps go, since the first step of the phase under way.
#[derive(Debug, Default)]
struct Rate {
    since: Option<(String, Instant, u64)>,
}

impl Rate {
    /// Seconds left if all planned steps are done at the rate so far; early stopping may end it sooner.
    fn seconds_left(&mut self, now: Instant, report: &Report) -> Option<f64> {
        if self.since.as_ref().is_none_or(|(phase, _, step)| *phase != report.phase || report.step < *step) {
            self.since = Some((report.phase.clone(), now, report.step));
        }
        let (_, start, first) = self.since.as_ref()?;
        let done = report.step.saturating_sub(*first);
        (done > 0).then(|| (now - *start).as_secs_f64() / done as f64 * report.steps.saturating_sub(report.step) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_the_rate_of_this_phase() {
        let report = |phase: &str, step| Report {
            phase: phase.into(),
            epoch: 1,
            epochs: 2,
            step,
            steps: 100,
            loss: None,
            curve: vec![],
        };
        let start = Instant::now();
        let mut rate = Rate::default();
        assert_eq!(rate.seconds_left(start, &report("training", 40)), None, "resumed at 40: nothing is known yet");
        let later = start + Duration::from_secs(5);
        assert_eq!(rate.seconds_left(later, &report("training", 50)), Some(25.0));
        assert_eq!(rate.seconds_left(later, &report("yardstick", 1)), None);
    }
}
