//! The queue on RabbitMQ: doorbells in a durable classic queue per pool, ordered by broker priority.

mod broker;
mod consumer;
mod dead_letters;
mod error;
mod greeting;
mod headers;
mod publisher;
mod topology;

use std::time::Duration;

use async_trait::async_trait;

use self::broker::Broker;
use self::consumer::RabbitConsumer;
use crate::connect::Trust;
use crate::ports::{Consumer, DeadLetters, JobQueue, Level, PortError};
use crate::vocabulary::Pool;
use crate::wire::{Doorbell, codec};

/// Doorbells on RabbitMQ. The connection is made when it is needed and made anew after a loss; a call that met a lost one tries
/// again once, so a doorbell may ring twice, and is then refused at the claim.
#[derive(Debug)]
pub struct RabbitQueue {
    broker: Broker,
}

impl RabbitQueue {
    /// Opens the queue at `amqp://USER:PASSWORD@HOST[:PORT][/VHOST]`, or `amqps://`. A broker that does not answer now is waited
    /// for by the calls that need it.
    ///
    /// # Errors
    /// The URL is not one; the broker refuses the user, has no such virtual host, or shows a certificate that is not believed.
    pub async fn open(url: &str, trust: &Trust) -> Result<Self, PortError> {
        let broker = Broker::new(url, trust)?;
        match broker.link().await {
            Ok(_) => {}
            Err(error @ PortError::Unreachable { .. }) => tracing::warn!(%error, "the queue will be connected later"),
            Err(error) => return Err(error),
        }
        Ok(Self { broker })
    }
}

/// Whether this is taken for a URL of a broker.
#[cfg(test)]
pub(crate) fn reads(url: &str, trust: &Trust) -> bool {
    Broker::new(url, trust).is_ok()
}

#[async_trait]
impl JobQueue for RabbitQueue {
    async fn publish(&self, pool: &Pool, level: Level, doorbells: &[Doorbell], ttl: Duration) -> Result<(), PortError> {
        let trace = doorbells.first().and_then(|first| first.trace);
        let body = codec::encode(doorbells)
            .map_err(|error| PortError::Unusable { what: "a doorbell".into(), reason: error.to_string() })?;
        self.broker
            .call(|link| {
                let body = body.clone();
                async move { link.publisher(pool).await?.publish(level, &body, ttl, trace).await }
            })
            .await
    }

    async fn consume(&self, pools: &[Pool]) -> Result<Box<dyn Consumer>, PortError> {
        let consumer = self.broker.call(|link| async move { RabbitConsumer::start(&link, pools).await });
        Ok(Box::new(consumer.await?))
    }

    async fn dead_letters(&self) -> Result<DeadLetters, PortError> {
        self.broker.call(|link| async move { dead_letters::all(&link.channel().await?).await }).await
    }

    async fn probe(&self) -> Result<(), PortError> {
        self.broker.call(|link| async move { topology::dead_letters(&link.channel().await?).await }).await
    }

    fn system(&self) -> &'static str {
        "rabbitmq"
    }

    fn name_of(&self, pool: &Pool) -> String {
        topology::name_of(pool)
    }
}
