//! The log of a data set, and the Parquet file that carries a part of it into a training.
//!
//! The first columns are Refit's own (`_seq`, `_key`, `_at`, `_arrived`, `_deleted`), the others those of the table, under their
//! names. The same entries always give the same bytes, however they were handed over.

mod entries;
mod file;
mod texts;

pub use entries::{Cell, Cells, Entries, Entry};
pub use file::{Writer, decode, encode};
pub use texts::Texts;

pub use crate::columnar::FormatError;

#[cfg(test)]
mod tests;
