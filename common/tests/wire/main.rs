//! What travels and what is kept, across releases: messages between coordinator and workers, objects in the store, the embedded bus.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may give up")]

mod bus;
mod objects;
mod readable;
mod recorded;
mod samples;
mod spoiled;
