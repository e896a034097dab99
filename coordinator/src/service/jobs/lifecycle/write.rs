//! Jobs and what their attempts become, written together.

use std::collections::HashSet;

use common::telemetry;
use common::vocabulary::JobId;

use super::next::Next;
use super::notice;
use crate::db::attempts::{self, Ended};
use crate::db::{self, Connection, jobs::Job};
use crate::service::error::Result;
use crate::service::runtime::{Core, job_telemetry};

/// Writes them in a transaction of their own.
pub(super) async fn write_all(core: &Core, changed: Vec<&mut Next>) -> Result<HashSet<JobId>> {
    if changed.is_empty() {
        return Ok(HashSet::new());
    }
    // A job without artifacts that is lost is run again: until it has ended, its row may lag behind what is on disk.
    let can_be_repeated = |next: &&mut Next| !next.job.lifecycle.sealed && !next.job.state().is_ended();
    let mut tx =
        if changed.iter().all(can_be_repeated) { core.db.begin_lazily().await? } else { core.db.begin().await? };
    let written = write(&mut tx, changed).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(written)
}

/// Writes jobs and their attempts in the caller's transaction; says which rows were still as they had been read.
pub(crate) async fn write(tx: &mut Connection, changed: Vec<&mut Next>) -> Result<HashSet<JobId>> {
    let jobs: Vec<&Job> = changed.iter().map(|next| &next.job).collect();
    let written = db::jobs::advance(tx, &jobs).await?;
    let mut changed: Vec<&mut Next> = changed.into_iter().filter(|next| written.contains(&next.job.id)).collect();
    for next in &mut changed {
        next.job.revision += 1;
    }
    notice::note(tx, &changed.iter().map(|next| &next.job).collect::<Vec<_>>()).await?;
    store_ended(tx, changed).await?;
    Ok(written)
}

/// Writes a job of which more than its lifecycle has changed, and its attempts, in the caller's transaction.
pub(crate) async fn write_whole(tx: &mut Connection, next: &mut Next) -> Result<bool> {
    let written = db::jobs::save(tx, &next.job).await?;
    if written {
        next.job.revision += 1;
        notice::note(tx, &[&next.job]).await?;
        store_ended(tx, vec![next]).await?;
    }
    Ok(written)
}

async fn store_ended(tx: &mut Connection, changed: Vec<&mut Next>) -> Result<()> {
    let ended: Vec<&Ended> = changed.iter().filter_map(|next| next.ended.as_ref()).collect();
    let stored = attempts::store(tx, &ended).await?;
    for next in changed {
        if let Some(ended) = next.ended.take_if(|ended| telemetry::is_on() && stored.contains(&ended.attempt.id)) {
            next.news.push(job_telemetry::attempt_ended(tx, &next.job, ended).await?);
        }
    }
    Ok(())
}
