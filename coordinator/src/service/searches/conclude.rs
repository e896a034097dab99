//! What a trial has found is written down.

use common::ports::StoreKey;
use common::vocabulary::{JobId, Seal, Timestamp};
use domain::job_reason::JobReason;
use domain::transition::{Command, State};

use crate::db;
use crate::service::error::Result;
use crate::service::jobs::lifecycle;
use crate::service::runtime::Core;
use crate::service::runtime::fault::Step;
use crate::service::runtime::store::artifact;

/// Keeps the loss of a recorded trial, and ends its job.
pub(crate) async fn conclude(core: &Core, id: JobId) -> Result<()> {
    let job = db::jobs::get(&mut *core.db.read().await?, id).await?;
    let Some(State::Judging { attempt }) = job.map(|job| job.lifecycle.state) else { return Ok(()) };
    let store = core.ports.store.as_ref();
    let Some(Seal::Result { claim, manifest }) = artifact::seal(store, id, attempt).await? else { return Ok(()) };
    let found = artifact::trial(store, &StoreKey::artifact(id, attempt, claim), manifest).await?;

    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    let Ok(mut next) = lifecycle::next(core, &job, &Command::Judge, now) else { return Ok(()) };
    next.job.reason = Some(JobReason::Tried { loss: found.validation_loss });
    db::jobs::set_curve(&mut tx, id, &found.training.curve).await?;
    db::searches::measured(&mut tx, id, found.validation_loss, found.training.seconds).await?;
    lifecycle::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Promoted).await;
    lifecycle::follow(core, vec![next]).await
}
