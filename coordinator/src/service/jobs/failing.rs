//! A job fails for good only once its attempt is revoked: a worker whose store answered unclearly may have sealed a result, and say that it
//! failed.

use common::vocabulary::{JobState, Timestamp};
use common::wire::Claim;
use domain::transition::Command;

use super::lifecycle;
use crate::db;
use crate::service::error::{Result, Unfit};
use crate::service::runtime::Core;
use crate::service::runtime::store::artifact;

/// Whether a failure can be taken in: it is not the job's last, or its attempt cannot count any more. `false`: the attempt left a result
/// after all, or the store does not answer now; the worker tells of the failure again with every heartbeat until it is confirmed.
pub(crate) async fn is_settled(core: &Core, claim: Claim, failed: &Command) -> Result<bool> {
    let job = db::jobs::get(&mut *core.db.read().await?, claim.job).await?;
    let Some(job) = job.filter(|job| job.lifecycle.sealed) else { return Ok(true) };
    let is_last = |next: lifecycle::Next| next.job.state() == JobState::Failed;
    if !lifecycle::next(core, &job, failed, Timestamp::now()).is_ok_and(is_last) {
        return Ok(true);
    }
    match artifact::revoke(core.ports.store.as_ref(), job.id, claim.attempt, "the job has failed").await {
        Ok(None) => Ok(true),
        Ok(Some(_)) => {
            core.results.announced(claim);
            Ok(false)
        }
        // Nobody can use what cannot be read.
        Err(Unfit::Damaged { .. }) => Ok(true),
        Err(Unfit::Port(error)) => {
            tracing::warn!(job = %job.id, %error, "the job has failed; its attempt is revoked as soon as the store answers");
            Ok(false)
        }
    }
}
