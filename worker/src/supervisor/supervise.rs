//! One job in an executor, from order to end: watched, bounded, and ended when it must be.

use std::time::Duration;

use common::vocabulary::FailureClass;
use tokio::time::Instant;

use super::claim_registry::{Halt, HaltSignal};
use super::watchdog::Watchdog;
use crate::executor::{Ended, FromExecutor, Order, Report, StopKind, ToExecutor};
use crate::failure::Failure;
use crate::process::{Event, ExecutorProcess};

/// A job that is no longer wanted may finish its current step; then its executor is killed.
const CANCEL_GRACE: Duration = Duration::from_millis(300);

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Without progress.
    pub(super) stall: Duration,
    /// In all.
    pub(super) timeout: Option<Duration>,
    /// To write a checkpoint and stop.
    pub(super) release: Duration,
}

/// How a job ended in its executor.
#[derive(Debug)]
pub(super) struct End {
    /// Whether the result lies in the output folder.
    pub(super) result: Result<(), Failure>,
    /// The executor must not be used again.
    pub(super) spoiled: bool,
}

impl End {
    /// Without a result, in an executor that is not to be used again.
    pub(super) fn failed(class: FailureClass, message: impl Into<String>) -> Self {
        Self { result: Err(Failure::new(class, message)), spoiled: true }
    }
}

/// What the executor says while it works.
pub(super) enum News {
    /// Where the job stands.
    Report(Report),
    /// A checkpoint lies in a file.
    Checkpoint(std::path::PathBuf, u64),
}

/// Has an executor do a job; `on_news` receives what it says meanwhile.
pub(super) async fn supervise(
    executor: &mut ExecutorProcess,
    order: Order,
    halt: &mut HaltSignal,
    bounds: Bounds,
    mut on_news: impl FnMut(News),
) -> End {
    let start = Instant::now();
    let mut watchdog = Watchdog::new(bounds.stall, start);
    let mut halting: Option<(Instant, Halt)> = None;
    // A failure to tell it anything means that it died, and then `next` says so.
    let _ = executor.send(&ToExecutor::Work(Box::new(order))).await;
    halt.mark_changed();
    loop {
        let timeout = bounds.timeout.map(|timeout| start + timeout);
        let given_up = halting.as_ref().map(|(until, _)| *until);
        let deadline = [Some(watchdog.deadline()), timeout, given_up].into_iter().flatten().min().unwrap_or(start);
        tokio::select! {
            event = executor.next() => match event {
                Event::Message(FromExecutor::Progress(report)) => {
                    watchdog.saw(Instant::now(), &report.phase, report.step);
                    on_news(News::Report(report));
                }
                Event::Message(FromExecutor::Checkpoint { file, step }) => on_news(News::Checkpoint(file, step)),
                Event::Message(FromExecutor::Ended(ended)) => return end_of(ended, halting.map(|(_, halt)| halt)),
                Event::Message(FromExecutor::Ready | FromExecutor::Answer(_)) => {}
                Event::Died(failure) => return match halting {
                    Some((_, Halt::Stop(reason))) => End::failed(FailureClass::Cancelled, reason),
                    Some((_, Halt::Release(_))) | None => End { result: Err(failure), spoiled: true },
                },
            },
            Ok(()) = halt.changed() => {
                let order = halt.borrow_and_update().clone();
                let (kind, grace) = match &order {
                    Some(Halt::Stop(_)) => (StopKind::Cancel, CANCEL_GRACE),
                    Some(Halt::Release(_)) => (StopKind::Release, bounds.release),
                    None => continue,
                };
                let _ = executor.send(&ToExecutor::Stop(kind)).await;
                halting = order.map(|order| (Instant::now() + grace, order));
            }
            () = tokio::time::sleep_until(deadline) => {
                let now = Instant::now();
                return match halting {
                    Some((until, Halt::Stop(reason))) if until <= now => End::failed(FailureClass::Cancelled, reason),
                    Some((until, Halt::Release(reason))) if until <= now => End::failed(FailureClass::Released, reason),
                    Some(_) | None if timeout.is_some_and(|timeout| timeout <= now) => End::failed(
                        FailureClass::Timeout,
                        format!("it ran longer than {:.0} s, ten times what this model usually takes", (now - start).as_secs_f64()),
                    ),
                    Some(_) | None => End::failed(
                        FailureClass::Stall,
                        format!("it made no progress for {:.0} s", bounds.stall.as_secs_f64()),
                    ),
                };
            }
        }
    }
}

fn end_of(ended: Ended, halt: Option<Halt>) -> End {
    match (ended, halt) {
        (Ended::Done | Ended::Stopped { .. }, Some(Halt::Stop(reason))) => {
            End { result: Err(Failure::new(FailureClass::Cancelled, reason)), spoiled: false }
        }
        (Ended::Done, Some(Halt::Release(_)) | None) => End { result: Ok(()), spoiled: false },
        (Ended::Stopped { .. }, halt) => {
            let reason = halt
                .map_or_else(|| "it stopped by itself".into(), |(Halt::Release(reason) | Halt::Stop(reason))| reason);
            End { result: Err(Failure::new(FailureClass::Released, reason)), spoiled: false }
        }
        (Ended::Failed { failure, spoiled }, _) => End { result: Err(failure), spoiled },
    }
}
