//! The supervisor: takes doorbells, claims jobs, hands them to executors, uploads and seals what they leave behind.
//!
//! It is never blocked by a training, and each of its tasks has one subject: `doorbells` and `asking` (queue to claim),
//! `claim` (from grant to end), `hints` and `heartbeat` (what the coordinator hears), `inbox` (what it says), `progress`.

mod asking;
mod cache;
mod checkpoints;
mod claim;
mod claim_registry;
mod doorbells;
mod epochs;
mod finish;
mod heartbeat;
mod held_claims;
mod hints;
mod inbox;
mod inputs;
mod meter;
mod offering;
mod progress;
mod scratch;
mod service;
mod settings;
mod slots;
mod supervise;
mod watchdog;

pub(crate) use inputs::fetch_artifact;
pub use service::{Ports, Supervisor};
pub use settings::Settings;
