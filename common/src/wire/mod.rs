//! The messages between coordinator and workers.

mod bounds;
pub mod codec;
pub mod frames;
mod messages;
#[cfg(test)]
mod tests;

pub use messages::*;
