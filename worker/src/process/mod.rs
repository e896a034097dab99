//! Child processes: how they are started, watched, measured and ended.

mod cgroup;
mod death;
mod executor;
mod last_words;
pub mod memory;
pub mod parent;

pub use executor::{Event, ExecutorProcess, Launch, Unkillable};
