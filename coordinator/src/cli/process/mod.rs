//! What runs a coordinator in this process, with its API, and workers in others: for `up`, `serve` and the demo.

mod backoff;
mod coordinator;
mod signals;
mod workers;

pub(crate) use coordinator::Running;
pub(crate) use signals::Stop;
pub(crate) use workers::{Team, Workers};
