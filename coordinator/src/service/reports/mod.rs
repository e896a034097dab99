//! Reports on all models at once.

mod incremental;
