//! Whether anything was stuck while health said that all is well.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::vocabulary::{AttemptId, JobId, JobState};

use crate::load::Client;
use crate::watch::View;

/// What could move and has not for so long, with everything whole and called healthy, is stuck.
const STUCK: Duration = Duration::from_secs(20);
/// Between two questions.
const PACE: Duration = Duration::from_millis(500);

/// Asks both coordinators how they are, all the time.
pub(crate) struct Physician {
    stop: Arc<AtomicBool>,
    healthy_since: Arc<Mutex<Option<Instant>>>,
    thread: JoinHandle<()>,
}

impl Physician {
    pub(crate) fn start(client: Client) -> Self {
        let (stop, healthy_since) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(None)));
        let (stopped, noted) = (stop.clone(), healthy_since.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let asked = Instant::now();
                let healthy = is_healthy(&client);
                let mut since = noted.lock().unwrap_or_else(PoisonError::into_inner);
                *since = healthy.then(|| since.unwrap_or(asked));
                drop(since);
                std::thread::park_timeout(PACE);
            }
        });
        Self { stop, healthy_since, thread }
    }

    /// Since when all who answer have called everything healthy, and one of them leads.
    pub(crate) fn healthy_since(&self) -> Option<Instant> {
        *self.healthy_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().expect("the physician goes on until it is stopped");
    }
}

fn is_healthy(client: &Client) -> bool {
    let answers: Vec<_> = (0..2).map(|installation| client.get(installation, "health")).collect();
    let says = |what: &str| answers.iter().flatten().filter(|health| health[what] == true).count();
    // One that is not healthy answers with an error, and counts as silent.
    says("healthy") == answers.len() && says("leads") > 0
}

/// Where a job stands, as far as it shows that it moves: its attempt, and the steps of its training as its worker tells them.
type JobProgress = (JobState, Option<AttemptId>, u64);

/// Follows jobs from look to look.
#[derive(Default)]
pub(crate) struct Stuck {
    progress: HashMap<JobId, (JobProgress, Instant)>,
    /// When a job left the backlog last.
    left: Option<Instant>,
    /// Since when nothing is broken.
    whole_since: Option<Instant>,
    /// Jobs that were stuck.
    pub(crate) found: Vec<String>,
}

impl Stuck {
    /// The next look, with the steps that trainings have done. `whole`: nothing is broken that jobs need.
    pub(crate) fn see(
        &mut self,
        view: &View,
        steps: impl Fn(JobId) -> u64,
        healthy_since: Option<Instant>,
        whole: bool,
        now: Instant,
    ) {
        self.whole_since = whole.then(|| self.whole_since.unwrap_or(now));
        let mut progress = HashMap::new();
        for job in &view.jobs {
            let reached = (job.state, job.attempt(), steps(job.id()));
            // What waits for its time does not wait for us.
            let waits = job.state == JobState::Queued && !job.ready;
            let before = self.progress.get(&job.id()).filter(|(before, _)| *before == reached && !waits);
            progress.insert(job.id(), (reached, before.map_or(now, |(_, since)| *since)));
        }
        let left = self.progress.iter().any(|(job, (reached, _))| {
            reached.0 == JobState::Queued && progress.get(job).is_none_or(|(now, _)| now.0 != JobState::Queued)
        });
        if left {
            self.left = Some(now);
        }
        self.progress = progress;
        let Some(quiet) = healthy_since.zip(self.whole_since).map(|(healthy, whole)| healthy.max(whole)) else {
            return;
        };
        for (job, ((state, ..), since)) in &mut self.progress {
            // A job in the backlog moves when those before it do.
            let moved = if *state == JobState::Queued { self.left.unwrap_or(*since).max(*since) } else { *since };
            if now.saturating_duration_since(moved.max(quiet)) > STUCK {
                self.found.push(format!("job {job} was {state} for {:.0} s", now.duration_since(moved).as_secs_f64()));
                *since = now;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(jobs: &[(u128, &str, bool)]) -> View {
        let jobs = jobs.iter().map(|(id, state, ready)| {
            serde_json::json!({"id": format!("{id:032x}"), "state": state, "key": 1.0, "ready": ready, "attempt": null, "worker": null})
        });
        let jobs: Vec<_> = jobs.collect();
        serde_json::from_value(serde_json::json!({"place": "", "live": {}, "jobs": jobs, "attempts": []})).unwrap()
    }

    #[test]
    fn a_job_is_stuck_that_does_not_move_while_all_is_whole_and_called_healthy() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let (still, healthy) = (view(&[(1, "running", true)]), Some(start));
        let looks = |healthy: Option<Instant>, whole: bool, second: &View| {
            let mut stuck = Stuck::default();
            stuck.see(&still, |_| 0, healthy, whole, at(0));
            stuck.see(second, |_| 0, healthy, whole, at(10));
            stuck.see(&still, |_| 0, healthy, whole, at(21));
            stuck.found.len()
        };
        assert_eq!(looks(healthy, true, &still), 1);
        assert_eq!(looks(None, true, &still), 0, "health has said so");
        assert_eq!(looks(Some(at(5)), true, &still), 0, "not for long");
        assert_eq!(looks(healthy, false, &still), 0, "a service was broken");
        assert_eq!(looks(healthy, true, &view(&[(1, "queued", true)])), 0, "it has moved");
        let mut trains = Stuck::default();
        for second in [0, 10, 21] {
            trains.see(&still, |_| second, healthy, true, at(second));
        }
        assert_eq!(trains.found.len(), 0, "its training goes on");
    }

    #[test]
    fn the_line_is_stuck_when_nobody_leaves_it() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let line = |others: &[(u128, &str, bool)], ready| {
            let (mut stuck, first) = (Stuck::default(), [(1, "queued", ready), (2, "queued", ready)]);
            stuck.see(&view(&first), |_| 0, Some(start), true, at(0));
            stuck.see(&view(&[&first[..1], others].concat()), |_| 0, Some(start), true, at(15));
            stuck.see(&view(&first[..1]), |_| 0, Some(start), true, at(21));
            stuck.found.len()
        };
        assert_eq!(line(&[(2, "queued", true)], true), 0, "the other has just left");
        assert_eq!(line(&[(2, "running", true)], true), 0, "the other has left");
        assert_eq!(line(&[(2, "queued", false)], false), 0, "they wait for their time");
        let mut stuck = Stuck::default();
        for second in [0, 21] {
            stuck.see(&view(&[(1, "queued", true)]), |_| 0, Some(start), true, at(second));
        }
        assert_eq!(stuck.found.len(), 1);
    }
}
