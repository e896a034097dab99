//! The coordinator on embedded ports, with workers that do what a test tells them. Everything but the training is real.

mod kit;

mod cancelling;
mod crashes;
mod deciding;
mod leases;
mod line;
mod pointer;
mod results;
