//! One job's trouble is its own: what goes wrong with a job is remembered and told, that job rests before it is looked at again, and
//! the others go on.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use common::vocabulary::JobId;
use futures::FutureExt as _;

use super::Core;
use super::background::panic_words;
use crate::service::error::Result;
use crate::service::state::TaskName;

/// Does what a task does for one job. What is wrong with that job alone, a panic included, becomes its trouble, and the answer is `None`: also
/// while it rests from the last one.
///
/// # Errors
/// Nobody else would get further: the database, the queue or the bus is away.
pub(crate) async fn alone<T>(
    core: &Core,
    task: TaskName,
    job: JobId,
    step: impl Future<Output = Result<T>>,
) -> Result<Option<T>> {
    if core.troubles().rests(job, task, Instant::now()) {
        return Ok(None);
    }
    let reason = match AssertUnwindSafe(step).catch_unwind().await {
        Ok(Ok(done)) => {
            core.troubles().over(job, task);
            return Ok(Some(done));
        }
        Ok(Err(error)) if error.concerns_all() => return Err(error),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!("a fault of Refit (panic): {}", panic_words(panic.as_ref())),
    };
    if core.troubles().met(job, task, reason.clone(), Instant::now()) {
        tracing::warn!(%job, %task, reason, "this job is looked at again soon; the others go on");
    }
    Ok(None)
}
