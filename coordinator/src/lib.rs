//! Refit's coordinator: decides, prioritises, dispatches, records, judges, promotes; and the faces it shows.
//!
//! Data flows one way: the crate `domain` is pure and knows nothing of the others; `db` keeps rows; `service` runs the loops on both;
//! `api` shows what `service` answers, as [`views`], [worded](wording) for whoever reads; `cli` talks to `api` only.

pub mod api;
pub mod cli;
mod db;
mod render;
pub mod service;
pub mod views;
pub mod wording;

/// Rows are allocated on the database's threads and freed on others, where the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
