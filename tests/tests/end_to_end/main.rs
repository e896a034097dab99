//! Refit as its users and operators meet it: real processes, real services, one file a subject. One binary: it links once.
#![allow(clippy::unwrap_used, clippy::panic)]

mod alerts;
mod api;
mod artifacts;
mod backups;
mod cli;
mod compare;
mod crash;
mod distributed;
mod families;
mod gpu;
mod input;
mod languages;
mod limits;
mod linking;
mod operations;
mod pipeline;
mod policy;
mod predictions;
mod preemption;
mod probes;
mod resume;
mod security;
mod tables;
mod telemetry;
mod up;
