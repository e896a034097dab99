//! What is tried.

use common::random::{Purpose, Stream};
use common::vocabulary::{Hyper, HyperError};

use super::space::Space;

/// Draws before it is said that there is nothing new to try.
const TRIES: u64 = 50;

/// There is nothing to try.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NothingToTry {
    /// A value cannot be used; every draw had one.
    #[error("{0}")]
    Hyper(#[from] HyperError),
    /// The space holds what the model has already, and nothing else.
    #[error("what is to be searched holds nothing but what the model has: name other values")]
    Exhausted,
}

/// What the model has itself, and up to `trials` − 1 others of the space, all different. The same seed draws the same.
///
/// # Errors
/// There is no other.
pub fn draw(own: &Hyper, space: &Space, seed: u64, trials: u32) -> Result<Vec<Hyper>, NothingToTry> {
    let mut drawn = vec![own.clone()];
    let mut refused = None;
    for number in 1..trials {
        for attempt in 0..TRIES {
            let mut draws = Stream::new(seed, Purpose::Search, number, attempt);
            let values: Vec<(&str, String)> =
                space.0.iter().map(|axis| (axis.name.as_str(), axis.draw(&mut draws))).collect();
            match own.with(values.iter().map(|(name, value)| (*name, value.as_str()))) {
                Ok(hyper) if drawn.contains(&hyper) => {}
                Ok(hyper) => {
                    drawn.push(hyper);
                    break;
                }
                Err(error) => refused = Some(error),
            }
        }
    }
    match (drawn.len(), refused) {
        (1, Some(error)) => Err(error.into()),
        (1, None) => Err(NothingToTry::Exhausted),
        _ => Ok(drawn),
    }
}
