//! What a training has left becomes a version, and perhaps the live one.
//!
//! ```text
//! seal ─► record: every hash, then the version ─► judge ─► promote or reject
//!                                             ├─► reproduce: is it the same again
//!                                             └─► monitoring: how the live ones do
//! ```

mod checkpoints;
mod compare;
mod judge;
pub(crate) mod promote;
pub(crate) mod record;
mod reproduce;
