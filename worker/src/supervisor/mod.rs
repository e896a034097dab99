//! The supervisor: takes doorbells, claims jobs, hands them to executors, uploads and seals what they leave behind.
//!
//! It is never blocked by a training, and each of its tasks has one subject: `doorbells` (queue to claim), `claim` (one
//! claim from grant to end), `heartbeat`, `inbox` (what the coordinator says), `progress`.

mod attend;
mod cache;
mod checkpoints;
mod claim;
mod desk;
mod doorbells;
mod finish;
mod heartbeat;
mod inbox;
mod inputs;
mod meter;
mod patience;
mod progress;
mod roster;
mod scratch;
mod service;
mod settings;
mod slots;
mod watchdog;

pub(crate) use inputs::fetch_artifact;
pub use service::{Ports, Supervisor};
pub use settings::Settings;
