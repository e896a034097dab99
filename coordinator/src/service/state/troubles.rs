//! Jobs in trouble of their own: such a job rests before it is looked at again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use common::vocabulary::JobId;

use super::task_name::TaskName;

/// A job's first rest.
const FIRST: Duration = Duration::from_millis(500);
/// The longest: how late it may be noticed that what was wrong is over.
const LONGEST: Duration = Duration::from_secs(10);

/// Jobs whose last step failed, by what was wrong with them alone.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    of: HashMap<(JobId, TaskName), Trouble>,
}

/// A job's trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// What the last try said.
    pub(crate) reason: String,
    /// The first of the tries that failed in a row.
    pub(crate) since: Instant,
    rest: Duration,
    until: Instant,
}

impl Troubles {
    /// What a task did for this job has failed. `true`: it is news.
    pub(crate) fn met(&mut self, job: JobId, task: TaskName, reason: String, now: Instant) -> bool {
        let before = self.of.get(&(job, task));
        let rest = before.map_or(FIRST, |trouble| (trouble.rest * 2).min(LONGEST));
        let is_news = before.is_none_or(|trouble| trouble.reason != reason);
        let since = before.map_or(now, |trouble| trouble.since);
        self.of.insert((job, task), Trouble { reason, since, rest, until: now + rest });
        is_news
    }

    /// Whether a task does not look at this job yet.
    pub(crate) fn rests(&self, job: JobId, task: TaskName, now: Instant) -> bool {
        self.of.get(&(job, task)).is_some_and(|trouble| now < trouble.until)
    }

    /// What a task did for this job has worked.
    pub(crate) fn over(&mut self, job: JobId, task: TaskName) {
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
