//! The queue: carries doorbells, never the truth. Losing all of it loses no job.

use std::time::Duration;

use async_trait::async_trait;

use super::{DeadLetters, PortError};
use crate::vocabulary::Pool;
use crate::wire::Doorbell;

/// Broker priority, 0 to 10, higher first: the other way round than scores. Orders only the few doorbells in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// The highest.
    pub const MAX: Self = Self(10);

    /// The one place where scores (lower is sooner) become levels (higher is sooner): 0 and below is 10, 100 and above is 0.
    pub fn of_score(score: f64) -> Self {
        Self((10.0 - score / 10.0).round().clamp(0.0, 10.0) as u8)
    }

    /// The number the broker is given.
    pub fn get(self) -> u8 {
        self.0
    }
}

/// A message that was handed to this consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What it says: one doorbell, or a batch of them.
    pub doorbells: Vec<Doorbell>,
    /// Names the delivery to the broker.
    pub tag: u64,
    /// It had been handed out before.
    pub redelivered: bool,
    /// The queue it lay in, as the broker names it.
    pub queue: String,
}

/// Sends doorbells.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Puts a message with these doorbells into a pool's queue; returns once the broker has it durably. One that nobody has taken within
    /// `ttl`, to the millisecond, by the broker's own clock, is dropped without a trace.
    async fn publish(&self, pool: &Pool, level: Level, doorbells: &[Doorbell], ttl: Duration) -> Result<(), PortError>;

    /// Starts taking doorbells of these pools. Dropping the consumer gives back what was not acknowledged.
    async fn consume(&self, pools: &[Pool]) -> Result<Box<dyn Consumer>, PortError>;

    /// The bodies that were no doorbells.
    async fn dead_letters(&self) -> Result<DeadLetters, PortError>;

    /// Whether the broker answers.
    async fn probe(&self) -> Result<(), PortError>;

    /// What the broker is, as telemetry names it: `rabbitmq`, `sqlite`.
    fn system(&self) -> &'static str;

    /// A pool's queue, as the broker names it.
    fn name_of(&self, pool: &Pool) -> String;
}

/// Takes doorbells, highest level first, oldest first within a level. Bodies that cannot be decoded are kept aside as dead letters.
#[async_trait]
pub trait Consumer: Send {
    /// Waits for the next doorbell. Cancel-safe: a doorbell is handed out only by a call that returns it.
    async fn next(&mut self) -> Result<Delivery, PortError>;

    /// Done with it. `false`: the broker had already given it to someone else.
    async fn ack(&mut self, delivery: &Delivery) -> Result<bool, PortError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_scores_have_higher_levels() {
        for (score, level) in
            [(-5.0, 10), (0.0, 10), (20.0, 8), (55.0, 5), (100.0, 0), (1e9, 0), (f64::INFINITY, 0), (f64::NAN, 0)]
        {
            assert_eq!(Level::of_score(score).get(), level, "{score}");
        }
    }
}
