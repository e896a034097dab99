//! The child's eyes on its own training.

use std::path::Path;
use std::time::{Duration, Instant};

use models::run::{Observer, Phase, Stop, Update};

use super::control::StopFlag;
use super::output::Output;
use super::pace::{CheckpointClock, ReportClock};
use super::protocol::{FromExecutor, Report};
use crate::fault::{self, Point};

/// Reports a training to the supervisor, and tells it when to write a checkpoint and when to stop.
pub(super) struct Attendant<'a> {
    output: &'a mut Output,
    stop: &'a StopFlag,
    checkpoints: CheckpointClock,
    reports: ReportClock<(Phase, u32)>,
}

impl<'a> Attendant<'a> {
    /// A training begins now.
    pub(super) fn new(output: &'a mut Output, stop: &'a StopFlag, checkpoint_every: f64) -> Self {
        let every = Duration::try_from_secs_f64(checkpoint_every).unwrap_or(Duration::MAX);
        Self { output, stop, checkpoints: CheckpointClock::new(every, Instant::now()), reports: ReportClock::new() }
    }
}

impl Observer for Attendant<'_> {
    fn progress(&mut self, update: &Update) {
        if self.reports.due(Instant::now(), (update.phase, update.epoch)) {
            self.output.say(&FromExecutor::Progress(Report {
                phase: update.phase.as_str().into(),
                epoch: update.epoch,
                epochs: update.epochs,
                step: update.step,
                steps: update.steps,
                loss: update.loss,
                curve: update.curve.clone(),
            }));
        }
        if update.phase == Phase::Training {
            fault::at(Point::Training(update.step));
        }
    }

    fn checkpoint_due(&mut self) -> bool {
        self.checkpoints.due(Instant::now())
    }

    fn checkpoint(&mut self, file: &Path, step: u64) {
        self.checkpoints.written(Instant::now());
        self.output.say(&FromExecutor::Checkpoint { file: file.to_owned(), step });
    }

    fn stop(&mut self) -> Option<Stop> {
        self.stop.get()
    }
}
