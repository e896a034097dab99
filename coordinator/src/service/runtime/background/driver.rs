//! Runs a task until the coordinator stops, or leads no more.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use common::telemetry::table::{attribute, metric};
use futures::FutureExt as _;

use super::{Rhythm, Task};
use crate::service::runtime::Core;
use crate::service::runtime::backoff::Backoff;
use crate::service::state::TaskName;

/// Does rounds again and again. One that fails is repeated after a rest that grows; after a panic the task is made anew, for what it
/// remembers may be half changed.
pub(crate) async fn run<T: Task>(core: Arc<Core>, make: impl Fn() -> T + Send) {
    let mut task = make();
    let name = task.name();
    let _until_the_end = StandsBy { core: core.clone(), name };
    let mut backoff = Backoff::new();
    match task.rhythm(&core) {
        Rhythm::Off => return core.board().is_off(name),
        Rhythm::Later(first) => {
            core.board().waits(name, first);
            tokio::time::sleep(first).await;
        }
        Rhythm::AtOnce | Rhythm::Every(_) | Rhythm::Woken(..) => {}
    }
    let mut first = true;
    loop {
        core.board().begins(name, Instant::now());
        let round = async {
            if std::mem::take(&mut first) {
                core.fault.panic_in(name);
            }
            task.round(&core).await
        };
        let (reason, panicked) = match AssertUnwindSafe(round).catch_unwind().await {
            Ok(Ok(())) => {
                backoff.worked();
                let rhythm = task.rhythm(&core);
                core.board().worked(name, rhythm.period());
                rhythm.rest(&core).await;
                continue;
            }
            Ok(Err(error)) => (error.to_string(), false),
            Err(panic) => (format!("a fault of Refit (panic): {}", panic_words(panic.as_ref())), true),
        };
        let rest = backoff.failed();
        if panicked {
            tracing::error!(task = %name, error = reason, "a background task is started again");
            task = make();
        } else {
            tracing::warn!(task = %name, error = reason, "a background task will try again");
        }
        metric::TASK_FAILURES.add(1, &[(&attribute::TASK, name.as_str())]);
        core.board().failed(name, reason, panicked, Instant::now(), rest);
        tokio::time::sleep(rest).await;
    }
}

/// When dropped, the task is not under way here any more.
struct StandsBy {
    core: Arc<Core>,
    name: TaskName,
}

impl Drop for StandsBy {
    fn drop(&mut self) {
        self.core.board().stands_by(self.name);
    }
}

/// What a panic said.
pub(crate) fn panic_words(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "without words",
    }
}
