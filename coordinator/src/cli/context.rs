//! What a command is given: where its answer goes, and how to reach the coordinator.

use super::args::Global;
use super::client::Client;
use super::exit::Failure;
use super::output::Output;

/// The surroundings of a command.
pub(crate) struct Context {
    /// Where the answer goes.
    pub out: Output,
    global: Global,
}

impl Context {
    /// The surroundings these flags ask for.
    pub(crate) fn new(global: Global) -> Self {
        Self { out: Output::new(global.json), global }
    }

    /// A client of the coordinator.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Client::new(self.global.api.as_deref().unwrap_or("http://127.0.0.1:7171"), None)
    }
}
