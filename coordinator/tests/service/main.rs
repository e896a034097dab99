//! The coordinator on embedded ports, with workers that do what a test tells them. Everything but the training is real.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod kit;

mod cancelling;
mod crashes;
mod deciding;
mod keeping;
mod leases;
mod line;
mod pointer;
mod results;
