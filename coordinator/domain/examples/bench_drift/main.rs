//! `make bench-drift`: what it takes to compare a thousand columns of new rows with a stored sketch, and how often that is wrong; beside the
//! exact test of Kolmogorov and Smirnov on all the rows of both samples, as tools without a sketch do it.

#![allow(clippy::print_stdout, reason = "the figures are the output")]

mod exact;
mod honesty;
mod rows;
mod speed;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    speed::measure()?;
    honesty::false_alarms();
    honesty::planted_changes();
    Ok(())
}

/// One line of figures, ours and the peer's.
fn figure(name: &str, ours: f64, peer_name: &str, peers: f64, unit: &str) {
    println!("bench: {name} {ours:.3} {unit}, {peer_name} {peers:.3} {unit}, ratio {:.4}", ours / peers);
}
