//! The worker: takes jobs, trains them in child processes, and says how they ended.
//!
//! - [`supervisor`] talks to queue, bus and store, and is never blocked by a training
//! - [`executor`] is the child: it reads files, trains on its main thread, and speaks frames over its standard pipes
//! - [`process`] starts, watches and kills children
//! - [`predictor`] answers online questions from live versions
//! - [`fault`] holds the faults that tests plant
//!
//! The worker never opens the coordinator's database. Only the supervisor holds credentials; the children are given files.

pub mod cli;
pub mod devices;
mod error;
pub mod executor;
mod failure;
pub mod fault;
pub mod predictor;
pub mod process;
pub mod supervisor;

pub use error::WorkerError;
pub use failure::Failure;
