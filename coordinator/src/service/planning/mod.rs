//! Models are registered and decided on, and what is due or asked for enters the backlog.
//!
//! ```text
//! facts ─► evaluate: decision, score ─► one row in the backlog
//! request, model: asked by hand ─┘
//! ```

pub(crate) mod evaluate;
mod explain;
pub(crate) mod model;
mod policy;
mod renew;
mod replay;
mod request;

pub(crate) use self::request::{enough_new, train_for};
