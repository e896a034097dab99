//! Results that wait to be recorded, or for their verdicts.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::vocabulary::JobId;
use common::wire::Claim;
use tokio::sync::Notify;

/// Jobs with a result to record or a verdict to find, and whom to tell.
#[derive(Debug, Default)]
pub(crate) struct Results {
    waiting: Mutex<HashMap<JobId, Option<Claim>>>,
    /// Rung when one may be waiting.
    bell: Notify,
}

impl Results {
    /// A result of this job may be waiting in the store, or for its verdict.
    pub(crate) fn wanted(&self, job: JobId) {
        self.waiting().entry(job).or_default();
        self.bell.notify_one();
    }

    /// The same, and the worker that says so is to be told when it is recorded.
    pub(crate) fn announced(&self, claim: Claim) {
        self.waiting().insert(claim.job, Some(claim));
        self.bell.notify_one();
    }

    /// All that wait, taken out.
    pub(crate) fn take(&self) -> HashMap<JobId, Option<Claim>> {
        std::mem::take(&mut *self.waiting())
    }

    /// Rung when there is something to do.
    pub(crate) fn bell(&self) -> &Notify {
        &self.bell
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<JobId, Option<Claim>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
