//! Hints that claims have ended. The heartbeats say the same, a moment later.

use std::sync::{Arc, Mutex, PoisonError};

use common::wire::{Finished, ToCoordinator};
use tokio::sync::Notify;

use super::service::Context;

/// Ends that nobody has been told of yet.
#[derive(Debug, Default)]
pub(super) struct Hints {
    ends: Mutex<Vec<Finished>>,
    given: Notify,
}

impl Hints {
    /// A claim has ended.
    pub(super) fn give(&self, end: Finished) {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).push(end);
        self.given.notify_one();
    }

    fn take(&self) -> Vec<Finished> {
        std::mem::take(&mut *self.ends.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells them for ever: one at once, and then together what has ended while the last was being told.
pub(super) async fn run(context: Arc<Context>) {
    loop {
        context.hints.given.notified().await;
        let ends = context.hints.take();
        if !ends.is_empty() {
            // What does not get through is told by the heartbeats.
            let _ = context.say(&ToCoordinator::Finished { ends }).await;
        }
    }
}
