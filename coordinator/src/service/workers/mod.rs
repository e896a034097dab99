//! What workers say, and what becomes of it.
//!
//! ```text
//! bus ─► inbox: claims ─► jobs      heartbeats ─► the fleet      ends ─► jobs, serving, results that wait
//! lease: who is silent too long loses what it holds        drain, pools: nothing new, and what runs is given back
//! ```

mod drain;
pub(crate) mod inbox;
pub(crate) mod lease;
mod pools;
