//! The messages between coordinator and workers.

mod bounds;
pub mod codec;
pub mod frames;
mod grants;
mod messages;
mod predictions;

pub use grants::granted;
pub use messages::*;
pub use predictions::*;
