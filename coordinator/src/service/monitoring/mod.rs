//! Life after promotion: live versions are scored on rows that have come since, once each, beside their baseline and the version
//! that was live before. What is found moves reliability and condition, asks for trainings, and takes back what does worse.

mod automatic_rollback;
mod conclude;
mod due;
mod score_history;

use common::vocabulary::{JobId, ModelKey, Timestamp};
use newtype_uuid::GenericUuid;

pub(crate) use self::conclude::conclude;
use crate::service::error::Result;
use crate::service::planning::evaluate;
use crate::service::runtime::{Core, Refit};
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

/// Does so for all.
pub(crate) async fn round(core: &Core) -> Result<()> {
    let jobs = due::enqueue(core, &[], Timestamp::now()).await?;
    if !jobs.is_empty() {
        tracing::info!(jobs = jobs.len(), "what is live will be scored on what has come");
    }
    Ok(())
}
