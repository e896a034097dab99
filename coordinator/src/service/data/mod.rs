//! Rows in, snapshots out.
//!
//! ```text
//! a file ─► import: read, checked, merged ─► rows ─► freeze, freeze_table: immutable Parquet in the store ─► jobs
//!                                             │         └── mend: what the store has lost is written again
//!                                             └── source, infer, outcomes: how a model reads them, and what they may say
//! ```

mod dataset;
pub(crate) mod freeze;
mod freeze_table;
pub(crate) mod import;
mod infer;
pub(crate) mod mend;
pub(crate) mod outcomes;
pub(crate) mod source;

pub use self::import::PriceImport;
