//! Ctrl-C and SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::exit::Failure;

/// Waits for someone to ask for the end.
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Listens from here on; until then either signal ends the process at once.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen_to = |kind| signal(kind).map_err(|e| Failure::failed(format!("cannot listen to signals: {e}")));
        Ok(Self { interrupt: listen_to(SignalKind::interrupt())?, terminate: listen_to(SignalKind::terminate())? })
    }

    /// Returns once asked; each call waits for a signal of its own.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
