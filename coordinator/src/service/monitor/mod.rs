//! Life after promotion: live versions are scored on rows that have come since, once each, beside their baseline and the version
//! that was live before. What is found moves reliability and condition, asks for trainings, and takes back what does worse.

mod conclude;
mod due;
mod kept;
mod take_back;

use std::sync::Arc;

use common::vocabulary::{JobId, ModelKey, Timestamp};
use newtype_uuid::GenericUuid;

pub(super) use self::conclude::conclude;
use super::backoff::Backoff;
use super::core::Core;
use super::{Error, Refit, Result, evaluate};
use crate::views::{MonitorAnswer, MonitorRequest};

impl Refit {
    /// Scores live versions on the rows that have come since they were scored last, and says which jobs do it.
    ///
    /// # Errors
    /// A model that is named does not exist, or the database fails.
    pub async fn monitor(&self, request: MonitorRequest) -> Result<MonitorAnswer> {
        let models = request.models.iter().map(|key| Ok(key.parse()?)).collect::<Result<Vec<ModelKey>>>()?;
        let jobs: Vec<JobId> = due::enqueue(&self.core, &models, evaluate::moment(request.as_of)?).await?;
        Ok(MonitorAnswer { jobs: jobs.into_iter().map(|job| job.into_untyped_uuid()).collect() })
    }
}

/// Does so again and again while this coordinator leads.
pub(super) async fn run(core: Arc<Core>) {
    let every = core.settings.coordinator.monitor_every;
    if every.is_zero() {
        return;
    }
    let mut backoff = Backoff::new();
    loop {
        tokio::time::sleep(every).await;
        let done = due::enqueue(&core, &[], Timestamp::now()).await;
        backoff.after(&done).await;
        match done {
            Ok(jobs) if jobs.is_empty() => {}
            Ok(jobs) => tracing::info!(jobs = jobs.len(), "what is live will be scored on what has come"),
            Err(error @ Error::Unavailable { .. }) => tracing::warn!(%error, "what is live will be scored soon"),
            Err(error) => tracing::warn!(%error, "what is live could not be scored"),
        }
    }
}
