//! The coordinator on embedded ports, with workers that do what a test tells them. Everything but the training is real.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod kit;

/// What it runs on; `service_on_postgres` is the same on the other.
const DATABASE: kit::Kind = kit::Kind::Sqlite;

mod access;
mod again;
mod alerting;
mod backlog;
mod backups;
mod batches_of_doorbells;
mod cancelling;
mod cleaning;
mod clocks;
mod crashes;
mod deciding;
mod explaining;
mod families;
mod giving_up;
mod invariants;
mod keeping;
mod leases;
mod listening;
mod monitoring;
mod neighbours;
mod opening;
mod outcomes;
mod paging;
mod pausing;
mod placing;
mod pointer;
mod policies;
mod preempting;
mod reading;
mod reporting;
mod reproducing;
mod results;
mod revising;
mod ringing;
mod scheduling;
mod searching;
mod showing;
mod speaking;
mod standstill;
mod store_away;
mod tables;
