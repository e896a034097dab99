//! Rows under way as this coordinator wrote them last. They need not be read again: writing is a compare-and-swap, so one that
//! somebody else has changed meanwhile is found out, and then read.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::vocabulary::{JobId, JobState};

use crate::db::jobs::Job;

/// What was written last.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<HashMap<JobId, Job>>);

impl Recent {
    /// A row was written. One that is not under way is not wanted again soon.
    pub(crate) fn wrote(&self, job: &Job) {
        if matches!(job.state(), JobState::Dispatched | JobState::Running) {
            self.rows().insert(job.id, job.clone());
        } else {
            self.rows().remove(&job.id);
        }
    }

    /// Those of some rows that are known. They are forgotten: whatever is tried with one that is out of date, next time it is read.
    pub(crate) fn take(&self, ids: &[JobId]) -> HashMap<JobId, Job> {
        let mut rows = self.rows();
        ids.iter().filter_map(|id| rows.remove(id).map(|job| (*id, job))).collect()
    }

    /// Forgets all but some: another coordinator may have ended them.
    pub(crate) fn retain(&self, wanted: impl Fn(&JobId) -> bool) {
        self.rows().retain(|id, _| wanted(id));
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<JobId, Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
