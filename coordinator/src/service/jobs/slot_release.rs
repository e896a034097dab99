//! How long a cancelled job kept its slot: from the request until its worker's heartbeat shows that it holds it no more, or its lease
//! is over.
//!
//! Measured where the request was answered, on one clock. After a restart it is not known, and nothing depends on it.

use std::collections::HashSet;

use common::vocabulary::{JobId, WorkerId};
use common::wire::ToCoordinator;

use crate::db;
use crate::service::error::Result;
use crate::service::runtime::Core;

/// Looks for the end of claims whose slots are waited for in what a worker says.
pub(crate) async fn observe(core: &Core, message: &ToCoordinator) {
    if core.slot_releases.is_empty() {
        return;
    }
    match message {
        ToCoordinator::Finished { ends } => core.slot_releases.ended(ends),
        ToCoordinator::Heartbeat(heartbeat) => {
            for (job, seconds) in core.slot_releases.free_in(heartbeat) {
                record(core, job, seconds).await;
            }
        }
        ToCoordinator::Claim { .. } | ToCoordinator::Declined { .. } | ToCoordinator::Progress(_) => {}
    }
}

/// A worker whose lease is over holds nothing any more: its slots went with it.
pub(crate) async fn of_lost_workers(core: &Core) {
    let waited_for = core.slot_releases.workers();
    let lost: HashSet<WorkerId> = {
        let fleet = core.fleet();
        // Of one that was never heard nothing is known here.
        waited_for.into_iter().filter(|worker| fleet.silence(*worker).is_some() && fleet.is_lost(*worker)).collect()
    };
    if lost.is_empty() {
        return;
    }
    for (job, seconds) in core.slot_releases.gone_with(|worker| lost.contains(&worker)) {
        record(core, job, seconds).await;
    }
}

/// Stores how long it took.
async fn record(core: &Core, job: JobId, seconds: f64) {
    match store(core, job, seconds).await {
        Ok(()) => tracing::info!(%job, seconds, "the slot of the cancelled job is free"),
        Err(error) => tracing::warn!(%job, seconds, %error, "its slot is free; that cannot be kept"),
    }
}

async fn store(core: &Core, job: JobId, seconds: f64) -> Result<()> {
    let mut tx = core.db.begin().await?;
    db::jobs::set_freed(&mut tx, job, seconds).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(())
}
