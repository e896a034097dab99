//! Slots: each has a device and a long-lived executor on it.

use std::io;

use common::vocabulary::FailureClass;
use tokio::sync::mpsc;

use super::service::Context;
use crate::failure::Failure;
use crate::process::ExecutorProcess;

/// A child that holds so much more than after its first job, and twice as much, is replaced.
const GROWTH: u64 = 512 << 20;

/// One place to train. Whoever holds it may use its executor.
#[derive(Debug)]
pub(super) struct Slot {
    label: String,
    device: String,
    executor: Option<ExecutorProcess>,
    after_first_job: Option<u64>,
}

impl Slot {
    /// A slot with a fresh executor.
    pub(super) fn open(context: &Context, index: usize, device: &str) -> io::Result<Self> {
        let mut slot =
            Self { label: format!("slot-{index}"), device: device.to_owned(), executor: None, after_first_job: None };
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
    /// It cannot be started: another worker may.
    pub(super) fn executor(&mut self, context: &Context) -> Result<&mut ExecutorProcess, Failure> {
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

    /// After a job: replaces the executor if it is spoiled or has grown. Returns when the old one is gone.
    pub(super) async fn settle(&mut self, context: &Context, spoiled: bool) {
        let Some(executor) = self.executor.take() else { return };
        let memory = executor.memory();
        let first = *self.after_first_job.get_or_insert(memory);
        let limit = context.settings.executor_memory;
        if spoiled || has_grown(first, memory) || (limit > 0 && memory > limit) {
            tracing::info!(slot = self.label, spoiled, memory, "replacing the executor");
            executor.kill().await;
            self.after_first_job = None;
            match self.start(context) {
                Ok(fresh) => self.executor = Some(fresh),
                Err(error) => {
                    tracing::warn!(slot = self.label, %error, "no executor can be started; the next job tries again")
                }
            }
        } else {
            self.executor = Some(executor);
        }
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
}
