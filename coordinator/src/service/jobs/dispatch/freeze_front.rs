//! Jobs near the front of the backlog are kept ready: their data are frozen before their turn.

use std::collections::HashSet;

use common::vocabulary::{FailureClass, Timestamp};
use tokio::time::Instant;

use crate::db::{self, jobs::Job};
use crate::service::data::freeze;
use crate::service::error::{Error, Result};
use crate::service::jobs::lifecycle;
use crate::service::runtime::{Core, alone};
use crate::service::state::TaskName;

/// Jobs beyond the free slots that are kept frozen.
pub(super) const READY: u32 = 4;

/// Freezes what is near the front of each backlog, best first.
pub(crate) async fn freeze_front(core: &Core) -> Result<()> {
    for pool in db::backlog::pools(&mut *core.db.read().await?).await? {
        let mut tried = HashSet::new();
        loop {
            let front = {
                let mut reader = core.db.read().await?;
                let held = db::backlog::held(&mut reader).await?;
                let count = core.fleet().free(&pool, &held) + READY;
                db::backlog::first(&mut reader, &pool, count, Timestamp::now(), core.retry.backoff_cap).await?
            };
            // Looked at again after each: a better one may have come meanwhile.
            let next = front.into_iter().find(|job| job.spec.is_none() && !tried.contains(&job.id));
            let Some(job) = next else { break };
            tried.insert(job.id);
            alone(core, TaskName::Freeze, job.id, freeze(core, job)).await?;
        }
    }
    Ok(())
}

/// Freezes the data of one job; one that cannot be trained on them never can.
async fn freeze(core: &Core, job: Job) -> Result<()> {
    let id = job.id;
    core.freezing().entry(id).or_insert_with(Instant::now);
    match freeze::job(core, job).await {
        Ok(()) => drop(core.freezing().remove(&id)),
        Err(Error::Refused { reason }) => lifecycle::hopeless(core, id, FailureClass::Data, &reason).await?,
        Err(error) => return Err(error),
    }
    Ok(())
}
