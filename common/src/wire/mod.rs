//! The messages between coordinator and workers.

pub mod codec;
mod messages;

pub use messages::*;
