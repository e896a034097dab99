//! One job's trouble is its own: what goes wrong with a job is remembered and told, that job rests before it is looked at again, and
//! the others go on.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use common::vocabulary::JobId;
use futures::FutureExt as _;

use super::Result;
use super::background::{TaskName, panic_words};
use super::core::Core;

/// A job's first rest.
const FIRST: Duration = Duration::from_millis(500);
/// The longest.
const LONGEST: Duration = Duration::from_secs(30);

/// Jobs whose last step failed, by what was wrong with them alone.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    of: HashMap<(JobId, TaskName), Trouble>,
}

/// A job's trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// What the last try said.
    pub(crate) why: String,
    /// The first of the tries that failed in a row.
    pub(crate) since: Instant,
    rest: Duration,
    until: Instant,
}

impl Troubles {
    /// What a task did for this job has failed. `true`: it is news.
    fn met(&mut self, job: JobId, task: TaskName, why: String, now: Instant) -> bool {
        let before = self.of.get(&(job, task));
        let rest = before.map_or(FIRST, |trouble| (trouble.rest * 2).min(LONGEST));
        let is_news = before.is_none_or(|trouble| trouble.why != why);
        let since = before.map_or(now, |trouble| trouble.since);
        self.of.insert((job, task), Trouble { why, since, rest, until: now + rest });
        is_news
    }

    /// Whether a task does not look at this job yet.
    pub(crate) fn rests(&self, job: JobId, task: TaskName, now: Instant) -> bool {
        self.of.get(&(job, task)).is_some_and(|trouble| now < trouble.until)
    }

    /// What a task did for this job has worked.
    fn over(&mut self, job: JobId, task: TaskName) {
        self.of.remove(&(job, task));
    }

    /// Only these jobs go on: the others have ended.
    pub(crate) fn retain(&mut self, goes_on: impl Fn(JobId) -> bool) {
        self.of.retain(|(job, _), _| goes_on(*job));
    }

    /// Another coordinator looks after all of them.
    pub(crate) fn forget(&mut self) {
        self.of.clear();
    }

    /// Troubles that go on, by job.
    pub(crate) fn all(&self) -> impl Iterator<Item = (JobId, &Trouble)> {
        self.of.iter().map(|((job, _), trouble)| (*job, trouble))
    }
}

/// Does what a task does for one job. What is wrong with that job alone, a panic included, becomes its trouble, and the answer is `None`: also
/// while it rests from the last one.
///
/// # Errors
/// Nobody else would get further: the database, the queue or the bus is away.
pub(super) async fn alone<T>(
    core: &Core,
    task: TaskName,
    job: JobId,
    step: impl Future<Output = Result<T>>,
) -> Result<Option<T>> {
    if core.troubles().rests(job, task, Instant::now()) {
        return Ok(None);
    }
    let why = match AssertUnwindSafe(step).catch_unwind().await {
        Ok(Ok(done)) => {
            core.troubles().over(job, task);
            return Ok(Some(done));
        }
        Ok(Err(error)) if error.concerns_all() => return Err(error),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!("a fault of Refit (panic): {}", panic_words(panic.as_ref())),
    };
    if core.troubles().met(job, task, why.clone(), Instant::now()) {
        tracing::warn!(%job, %task, why, "this job is looked at again soon; the others go on");
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: TaskName = TaskName::Record;

    #[test]
    fn a_job_in_trouble_rests_longer_each_time_until_a_step_works() {
        let (mut troubles, job, start) = (Troubles::default(), JobId::new_v4(), Instant::now());
        assert!(troubles.met(job, TASK, "damaged".into(), start));
        assert!(troubles.rests(job, TASK, start) && !troubles.rests(job, TASK, start + FIRST));
        assert!(!troubles.met(job, TASK, "damaged".into(), start + FIRST), "the same is no news");
        assert!(troubles.rests(job, TASK, start + FIRST * 2) && !troubles.rests(job, TASK, start + FIRST * 3));
        assert!(troubles.met(job, TASK, "gone".into(), start + FIRST * 3));
        assert!(!troubles.rests(job, TaskName::Leases, start), "another task has no trouble with it");
        assert!(troubles.all().all(|(_, trouble)| trouble.since == start));
        for _ in 0..20 {
            troubles.met(job, TASK, "gone".into(), start);
        }
        assert!(!troubles.rests(job, TASK, start + LONGEST));
        troubles.over(job, TASK);
        assert!(!troubles.rests(job, TASK, start) && troubles.all().next().is_none());
        assert!(!troubles.rests(JobId::new_v4(), TASK, start));
    }
}
