//! How far the order in which jobs leave the backlog is from the backlog itself. Pure.

use std::collections::{HashMap, HashSet};

use common::vocabulary::{AttemptId, JobId, JobState};

use crate::watch::{Dispatch, View};

/// A job that waits and may go.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    key: f64,
    /// Jobs with a worse place that went before it since it waits.
    overtaken: u32,
    /// The most doorbells that may have been out meanwhile.
    window: u32,
}

/// Follows the backlog from look to look.
#[derive(Default)]
pub(crate) struct Fairness {
    waiting: HashMap<JobId, Waiting>,
    gone: HashSet<JobId>,
    known: Option<HashSet<AttemptId>>,
    /// Places that a job was overtaken by, at most.
    pub(crate) displaced: u32,
    /// Jobs that left the backlog.
    pub(crate) dispatched: u64,
    /// Jobs that were overtaken by more than the window.
    pub(crate) unfair: Vec<String>,
}

impl Fairness {
    /// The next look. What was handed out since the last one was handed out from the backlog as it was then.
    pub(crate) fn see(&mut self, view: &View, window: u32) {
        let fresh = self.left_the_backlog(view);
        self.dispatched += fresh.len() as u64;
        let ready = view.jobs.iter().filter(|job| job.state == JobState::Queued && job.ready);
        let waiting: HashMap<JobId, Waiting> = ready
            .map(|job| match self.waiting.get(&job.id()) {
                Some(seen) => {
                    let passed = fresh.iter().filter(|key| **key > seen.key).count() as u32;
                    let window = seen.window.max(window);
                    (job.id(), Waiting { overtaken: seen.overtaken + passed, window, ..*seen })
                }
                None => (job.id(), Waiting { key: job.key, overtaken: 0, window }),
            })
            .collect();
        for (job, seat) in &waiting {
            self.displaced = self.displaced.max(seat.overtaken);
            if seat.overtaken > seat.window {
                self.unfair.push(format!("job {job}: overtaken by {}, window {}", seat.overtaken, seat.window));
            }
        }
        self.waiting = waiting;
        self.gone = view.jobs.iter().filter(|job| job.state != JobState::Queued).map(|job| job.id()).collect();
    }

    /// Order keys of the jobs that left the backlog since the last look. One that is rung again did not leave it a second time.
    fn left_the_backlog(&mut self, view: &View) -> Vec<f64> {
        let all = view.attempts.iter().map(Dispatch::attempt).collect();
        let Some(known) = self.known.replace(all) else { return Vec::new() };
        let fresh = view.attempts.iter().filter(|attempt| !known.contains(&attempt.attempt()));
        fresh.filter(|attempt| !self.gone.contains(&attempt.job())).map(|attempt| attempt.key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(jobs: &[(u128, &str, f64)], attempts: &[(u128, u128, f64)]) -> View {
        let hex = |id: &u128| format!("{id:032x}");
        let jobs = jobs.iter().map(|(id, state, key)| {
            serde_json::json!({"id": hex(id), "state": state, "key": key, "ready": true, "attempt": null, "worker": null})
        });
        let attempts =
            attempts.iter().map(|(id, job, key)| serde_json::json!({"id": hex(id), "job": hex(job), "key": key}));
        let (jobs, attempts): (Vec<_>, Vec<_>) = (jobs.collect(), attempts.collect());
        serde_json::from_value(serde_json::json!({"place": "", "live": {}, "jobs": jobs, "attempts": attempts}))
            .unwrap()
    }

    #[test]
    fn a_job_is_displaced_by_those_behind_it_that_go_first() {
        let mut fairness = Fairness::default();
        let line = [(1, "queued", 1.0), (2, "queued", 2.0), (3, "queued", 3.0)];
        fairness.see(&view(&line, &[(90, 9, 0.5)]), 1);
        fairness.see(&view(&[line[1], line[2], (1, "dispatched", 1.0)], &[(91, 1, 1.0)]), 1);
        assert_eq!((fairness.displaced, fairness.dispatched), (0, 1), "the first went first");
        fairness.see(&view(&[line[1], (3, "running", 3.0)], &[(91, 1, 1.0), (93, 3, 3.0)]), 1);
        assert_eq!((fairness.displaced, fairness.unfair.len()), (1, 0), "within the window");
        fairness.see(&view(&[line[1], (3, "dispatched", 3.0)], &[(94, 3, 3.0)]), 1);
        assert_eq!(fairness.displaced, 1, "rung again");
        fairness.see(&view(&[line[1]], &[(95, 5, 2.5)]), 1);
        assert_eq!((fairness.displaced, fairness.unfair.len()), (2, 1), "one that came and went between two looks");
    }
}
