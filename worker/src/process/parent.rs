//! Whether the process that started this one is still there.

use std::time::Duration;

use nix::unistd::{Pid, getppid};

/// The parent, as it was when this was made; make it early.
#[derive(Debug, Clone, Copy)]
pub struct Parent(Pid);

impl Parent {
    /// Whoever is the parent now.
    pub fn now() -> Self {
        Self(getppid())
    }

    /// Returns once the parent has died. A death signal would not do: it comes when the *thread* that started this process ends.
    pub async fn gone(self) {
        while getppid() == self.0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
