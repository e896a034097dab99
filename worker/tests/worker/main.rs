//! The worker's binary as a whole: real processes, the embedded ports in a temporary folder, and a coordinator that the test plays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod babble;
mod command_line;
mod devices;
mod drains;
mod faults;
mod neighbours;
mod pipeline;
mod predictions;
mod specs;
mod stage;
