//! The messages between coordinator and workers.

mod bounds;
pub mod codec;
pub mod frames;
mod messages;
mod predictions;
#[cfg(test)]
mod tests;

pub use messages::*;
pub use predictions::*;
