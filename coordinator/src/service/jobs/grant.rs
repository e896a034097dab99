//! A worker may start what it has claimed: the rows say so already.

use common::vocabulary::{JobKind, WorkerId};
use common::wire::{Claim, Grant, ToWorker};

use super::timeout;
use crate::db::{self, jobs::Job};
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::fault::Step;
use crate::service::runtime::outbox::send;

/// Tells a worker to start jobs, in one message.
pub(crate) async fn grant(core: &Core, worker: WorkerId, granted: Vec<(Claim, Job)>) -> Result<()> {
    core.fault.at(Step::Granted).await;
    let mut grants = Vec::with_capacity(granted.len());
    for (claim, job) in granted {
        let timeout = match &job.model {
            // Other hyper-parameters take other times.
            Some(model) if !matches!(job.kind, JobKind::Predict | JobKind::Trial) => {
                timeout::of(&db::attempts::seconds_of(&mut *core.db.read().await?, model).await?)
            }
            Some(_) | None => None,
        };
        let Some(spec) = job.spec else {
            let reason = "its data are not frozen".into();
            send(core, worker, &ToWorker::Refuse { claim: claim.claim, reason }).await?;
            continue;
        };
        let trace = job.trace.map(|trace| trace.of_attempt(claim.attempt));
        let (number, resume, batch_size) =
            (job.lifecycle.number, job.lifecycle.checkpoint, job.lifecycle.reduced_batch);
        grants.push(Grant { claim, number, spec, resume, batch_size, timeout, trace });
    }
    send(core, worker, &ToWorker::Grant { grants }).await?;
    core.fault.at(Step::Answered).await;
    Ok(())
}
