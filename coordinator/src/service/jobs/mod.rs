//! Commands to jobs: every change of a job's row, and what follows from it.
//!
//! ```text
//! backlog ─► dispatch ─► lifecycle: row and attempts in one transaction ─► ring: doorbell ─► queue
//! cancel, reclaim, failing ─┘                                         └──► grant, stop, release ─► a worker
//! ```

mod cancel;
pub(crate) mod dispatch;
pub(crate) mod failing;
mod grant;
pub(crate) mod lifecycle;
mod probe;
pub(crate) mod reclaim;
pub(crate) mod ring;
pub(crate) mod slot_release;
mod timeout;
