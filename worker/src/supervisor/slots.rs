//! Slots: each has a device and a long-lived executor on it.

use std::io;

use common::telemetry::table::metric;
use common::vocabulary::FailureClass;
use tokio::sync::mpsc;

use super::service::Context;
use super::supervise::End;
use crate::failure::Failure;
use crate::process::{ExecutorProcess, Unkillable};

/// A child that holds so much more than after its first job, and twice as much, is replaced.
const GROWTH: u64 = 512 << 20;

/// A device to train on, with its executor. Whoever holds it may use them.
#[derive(Debug)]
pub(super) struct Slot {
    label: String,
    device: String,
    executor: Option<ExecutorProcess>,
    after_first_job: Option<u64>,
    /// Its executor cannot be killed, and holds the device: nobody may use the slot any more.
    retired: Option<Unkillable>,
}

impl Slot {
    /// A slot with a fresh executor.
    pub(super) fn open(context: &Context, index: usize, device: &str) -> io::Result<Self> {
        let (label, device) = (format!("slot-{index}"), device.to_owned());
        let mut slot = Self { label, device, executor: None, after_first_job: None, retired: None };
        slot.executor = Some(slot.start(context)?);
        Ok(slot)
    }

    fn start(&self, context: &Context) -> io::Result<ExecutorProcess> {
        let executor = ExecutorProcess::spawn(&context.settings.launch, &self.device, &self.label)?;
        context.child(&self.label, executor.pid());
        Ok(executor)
    }

    /// The executor, started again if it is gone.
    ///
    /// # Errors
    /// It cannot be started, or the slot is retired: another worker may.
    pub(super) fn executor(&mut self, context: &Context) -> Result<&mut ExecutorProcess, Failure> {
        if let Some(unkillable) = self.retired {
            return Err(unkillable.into());
        }
        let executor = match self.executor.take().map(|mut executor| (executor.is_alive(), executor)) {
            Some((true, executor)) => executor,
            Some((false, _)) | None => {
                self.after_first_job = None;
                self.start(context).map_err(|error| {
                    Failure::new(
                        FailureClass::Lost,
                        format!("the executor of {} cannot be started: {error}", self.label),
                    )
                })?
            }
        };
        Ok(self.executor.insert(executor))
    }

    /// After a job: replaces the executor if it is spoiled or has grown, and says what came of the job. Returns when the old one is gone, or
    /// cannot be killed: then the slot is retired, and what has failed there is tried elsewhere.
    pub(super) async fn settle(&mut self, context: &Context, end: End) -> Result<(), Failure> {
        let Some(executor) = self.executor.take() else { return end.result };
        let memory = executor.memory();
        let first = *self.after_first_job.get_or_insert(memory);
        let limit = context.settings.executor_memory;
        if !end.spoiled && !has_grown(first, memory) && (limit == 0 || memory <= limit) {
            self.executor = Some(executor);
            return end.result;
        }
        tracing::info!(slot = self.label, spoiled = end.spoiled, memory, "replacing the executor");
        if let Err(unkillable) = executor.kill().await {
            tracing::error!(slot = self.label, %unkillable, "the slot is retired");
            self.retired = Some(unkillable);
            return end.result.map_err(|failure| elsewhere(failure, unkillable));
        }
        self.after_first_job = None;
        match self.start(context) {
            Ok(fresh) => self.executor = Some(fresh),
            Err(error) => {
                tracing::warn!(slot = self.label, %error, "no executor can be started; the next job tries again");
            }
        }
        end.result
    }

    /// The slot, for its next work; a retired one is counted out. A worker without any ends: another, started anew, may do better.
    pub(super) fn release(self, context: &Context) -> Option<Self> {
        let Some(unkillable) = self.retired else {
            context.held_claims.free();
            return Some(self);
        };
        metric::SLOTS_RETIRED.add(1, &[]);
        if context.held_claims.retire(format!("{} on {} is retired: {unkillable}", self.label, self.device)) == 0 {
            tracing::error!("no slot is left");
            context.drain.cancel();
        }
        None
    }
}

/// What a job failed of whose executor cannot be killed: of that, unless nobody wants it here any more.
fn elsewhere(failure: Failure, unkillable: Unkillable) -> Failure {
    match failure.class {
        FailureClass::Cancelled | FailureClass::Released => failure,
        FailureClass::Data
        | FailureClass::Damaged
        | FailureClass::Code
        | FailureClass::Crash
        | FailureClass::OutOfMemory
        | FailureClass::Timeout
        | FailureClass::Stall
        | FailureClass::Lost => Failure::new(FailureClass::Lost, format!("{}; {unkillable}", failure.message)),
    }
}

fn has_grown(first: u64, now: u64) -> bool {
    now > first.saturating_mul(2) && now > first + GROWTH
}

/// The slots that are free.
#[derive(Debug)]
pub(super) struct FreeSlots {
    give: mpsc::UnboundedSender<Slot>,
    free: mpsc::UnboundedReceiver<Slot>,
}

impl FreeSlots {
    /// No slot yet.
    pub(super) fn new() -> Self {
        let (give, free) = mpsc::unbounded_channel();
        Self { give, free }
    }

    /// Where a slot goes when its work is done.
    pub(super) fn give(&self) -> mpsc::UnboundedSender<Slot> {
        self.give.clone()
    }

    /// Waits for a free slot.
    pub(super) async fn take(&mut self) -> Option<Slot> {
        self.free.recv().await
    }

    /// Whether none is free.
    pub(super) fn is_empty(&self) -> bool {
        self.free.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_may_double_a_little_but_not_much() {
        let mb = |n: u64| n << 20;
        assert!(!has_grown(mb(50), mb(400)));
        assert!(!has_grown(mb(2000), mb(3000)));
        assert!(has_grown(mb(50), mb(600)));
    }

    #[test]
    fn a_job_whose_executor_cannot_be_killed_goes_elsewhere_unless_nobody_wants_it() {
        let class = |class| elsewhere(Failure::new(class, "why"), Unkillable { pid: 7 }).class;
        for kept in [FailureClass::Cancelled, FailureClass::Released] {
            assert_eq!(class(kept), kept);
        }
        for blamed in [FailureClass::Stall, FailureClass::Timeout, FailureClass::Crash] {
            assert_eq!(class(blamed), FailureClass::Lost, "it says nothing of the job");
        }
    }
}
