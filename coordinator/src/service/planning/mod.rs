//! Models are registered and decided on, and what is due or asked for enters the queue.
//!
//! ```text
//! facts ─► evaluate: decision, score ─► one row in the queue
//! request, model: asked by hand ─┘
//! ```

pub(crate) mod evaluate;
pub(crate) mod model;
mod policy;
mod renew;
mod request;
