//! What keeps a coordinator and its store well: backups, cleanup, invariants, gauges, and whether anything stands still.

pub(crate) mod availability;
mod backup;
pub(crate) mod cleanup;
mod dead_letters;
pub(crate) mod gauges;
pub(crate) mod health;
pub(crate) mod invariants;
pub(crate) mod pulse;
pub(crate) mod standstill;
