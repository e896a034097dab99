//! The ports on one host, without any service: `bus.db` (SQLite) is queue and bus, a directory is the store. Several
//! processes share them.

mod bus;
mod database;
mod dead_letters;
pub mod host;
mod queue;
mod store;
mod sweep;
mod wake;

pub use bus::SqliteBus;
pub use queue::SqliteQueue;
pub use store::directory;
pub(crate) use store::unproven as unproven_directory;
