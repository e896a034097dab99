//! A training that waits while its model is told to read or to learn otherwise is made anew, with what the model says now. One that
//! a worker has goes on: its version is judged by what it reads itself, and does not go live on its own (see `judge`).

use common::settings::Settings;
use common::vocabulary::JobState;
use domain::job_reason::JobReason;

use crate::db::{self, Connection, jobs::Job, models::Model};
use crate::service::error::{Error, Result};
use crate::service::runtime::lookup::policy_of;

/// Has the waiting training of a model frozen again, if what it is made of has changed: that job. What somebody asked for
/// this training only stays.
pub(crate) async fn waiting(
    tx: &mut Connection,
    before: &Model,
    now: &Model,
    settings: &Settings,
) -> Result<Option<Job>> {
    let (policy_before, policy) = (policy_of(before, settings), policy_of(now, settings));
    let parted_alike =
        policy_before.split() == policy.split() && policy_before.label_delay_days == policy.label_delay_days;
    if before.source == now.source && before.hyper == now.hyper && parted_alike {
        return Ok(None);
    }
    let waits = db::jobs::active_training(tx, &now.key).await?.filter(|job| job.state() == JobState::Queued);
    let Some(mut job) = waits else { return Ok(None) };
    let Some(request) = job.request.as_mut() else { return Ok(None) };
    request.hyper = request.hyper.rebased(&before.hyper, &now.hyper).map_err(|error| {
        Error::invalid(format!("the training of {} that waits does not go together with this: {error}", now.key))
    })?;
    request.split = policy.split();
    job.lifecycle.batch_size = request.hyper.batch_size().unwrap_or_default();
    (job.lifecycle.checkpoint, job.lifecycle.kept_step, job.lifecycle.reduced_batch) = (None, 0, None);
    (job.spec, job.dispatched_at) = (None, None);
    job.reason = Some(JobReason::MadeAnew);
    db::jobs::save(tx, &job).await?;
    job.revision += 1;
    Ok(Some(job))
}
