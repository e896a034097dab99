//! The child's way to its supervisor.

use std::fs::File;

use common::wire::codec;
use common::wire::frames;
use nix::unistd;

use super::protocol::FromExecutor;

/// Frames go out here; only the main thread holds it.
#[derive(Debug)]
pub struct Output(File);

impl Output {
    /// Takes over standard output. What any library prints there from now on goes to standard error, not between the frames.
    ///
    /// # Errors
    /// The pipe cannot be moved.
    pub(super) fn take_stdout() -> nix::Result<Self> {
        let pipe = unistd::dup(std::io::stdout())?;
        unistd::dup2_stdout(std::io::stderr())?;
        Ok(Self(pipe.into()))
    }

    /// Says something. A failure means that the supervisor is gone, and then the listening thread ends the process.
    pub(super) fn say(&mut self, message: &FromExecutor) {
        match codec::encode(message) {
            Ok(body) => drop(frames::write_frame(&mut self.0, &body)),
            Err(error) => tracing::error!(%error, "a message to the supervisor cannot be written"),
        }
    }
}
