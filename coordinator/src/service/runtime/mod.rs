//! What every room stands on: the core, the driver of background tasks, who leads, the store, messages to workers, and what is looked up
//! everywhere.
//!
//! ```text
//! coordinator ─► background: rounds of tasks, again after an error or a panic ─► board (state)
//!                  └── alone: one job's trouble is its own
//! leader ─► begins what only a leader does
//! outbox ─► workers        job_telemetry ─► telemetry        events ─► whoever listens        store ─► what attempts left, what must stay
//! ```

pub(crate) mod alerting;
mod alone;
pub(crate) mod background;
pub(crate) mod backlogs;
mod backoff;
mod core;
pub(crate) mod events;
pub(crate) mod fault;
pub(crate) mod job_telemetry;
pub(crate) mod leader;
pub(crate) mod lookup;
pub(crate) mod outbox;
pub(crate) mod pages;
pub(crate) mod pointer;
mod refit;
pub(crate) mod scaling;
pub(crate) mod store;

pub(crate) use self::alone::alone;
pub(crate) use self::core::Core;
pub use self::core::Ports;
pub use self::fault::{Fault, Mutant, Step};
pub use self::refit::Refit;
