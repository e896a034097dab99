//! Taking doorbells.

use std::collections::HashMap;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream, SelectAll};
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Acker, Channel, message};
use uuid::Uuid;

use super::broker::Link;
use super::error::{Failure, unreachable};
use super::{dead_letters, headers, topology};
use crate::ports::{Consumer, Delivery, PortError};
use crate::settings::ServiceUrl;
use crate::vocabulary::Pool;
use crate::wire::DoorbellBatch;
use crate::wire::codec::{self, Limits};

/// Doorbells of some pools on one channel. When the channel is lost, `next` says so and the consumer is of no use any more.
pub(super) struct RabbitConsumer {
    broker: ServiceUrl,
    channel: Channel,
    deliveries: SelectAll<BoxStream<'static, lapin::Result<Option<message::Delivery>>>>,
    held: HashMap<u64, Acker>,
    // The broker counts the deliveries of each channel from 1. The upper half of our tags is this consumer's own, so that a tag from
    // an earlier consumer never acknowledges what this one holds.
    epoch: u64,
}

impl RabbitConsumer {
    pub(super) async fn start(link: &Link, pools: &[Pool]) -> Result<Self, Failure> {
        let channel = link.channel().await?;
        // A worker takes one doorbell at a time; what it does not take is for others. The limit is for each pool, and where the
        // broker can do that for all of them together.
        channel.basic_qos(1, BasicQosOptions { global: false }).await?;
        if pools.len() > 1 && link.shares_limit() {
            channel.basic_qos(1, BasicQosOptions { global: true }).await.inspect_err(|_| link.share_no_limit())?;
        }
        let mut deliveries = SelectAll::new();
        for pool in pools {
            topology::pool(&channel, pool).await?;
            let queue = topology::name_of(pool).as_str().into();
            let consumer =
                channel.basic_consume(queue, "".into(), BasicConsumeOptions::default(), FieldTable::default()).await?;
            // The end of one pool's deliveries is the end of all: the others must not hide it.
            let ended = stream::once(std::future::ready(Ok(None)));
            deliveries.push(consumer.map(|delivery| delivery.map(Some)).chain(ended).boxed());
        }
        let (epoch, _) = Uuid::new_v4().as_u64_pair();
        Ok(Self {
            broker: link.broker().clone(),
            channel,
            deliveries,
            held: HashMap::new(),
            epoch: epoch & 0xFFFF_FFFF_0000_0000,
        })
    }

    fn lost(&self, error: &lapin::Error) -> PortError {
        unreachable(&self.broker, error)
    }
}

#[async_trait]
impl Consumer for RabbitConsumer {
    async fn next(&mut self) -> Result<Delivery, PortError> {
        loop {
            let Some(delivery) = self.deliveries.next().await.transpose().map_err(|error| self.lost(&error))?.flatten()
            else {
                return Err(unreachable(&self.broker, &"the broker has ended the delivery of doorbells"));
            };
            match codec::decode::<DoorbellBatch>(&delivery.data, Limits::default()) {
                Ok(DoorbellBatch(mut doorbells)) => {
                    let tag = self.epoch | (delivery.delivery_tag & 0xFFFF_FFFF);
                    self.held.insert(tag, delivery.acker);
                    if let Some(first) = doorbells.first_mut() {
                        first.trace = headers::trace(delivery.properties.headers().as_ref());
                    }
                    return Ok(Delivery {
                        doorbells,
                        tag,
                        redelivered: delivery.redelivered,
                        queue: delivery.routing_key.to_string(),
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a doorbell cannot be read and is kept as a dead letter");
                    // In this order on one channel, so that a loss between the two only makes a second copy.
                    let kept = dead_letters::keep(&self.channel, &delivery.data).await;
                    kept.map_err(|error| self.lost(&error))?;
                    delivery.acker.ack(BasicAckOptions::default()).await.map_err(|error| self.lost(&error))?;
                }
            }
        }
    }

    async fn ack(&mut self, delivery: &Delivery) -> Result<bool, PortError> {
        match self.held.remove(&delivery.tag) {
            Some(acker) => acker.ack(BasicAckOptions::default()).await.map_err(|error| self.lost(&error)),
            None => Ok(false),
        }
    }
}

impl Drop for RabbitConsumer {
    fn drop(&mut self) {
        let channel = self.channel.clone();
        // Without a runtime the process is ending, and the connection with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _already_closed = channel.close(200, "no more doorbells".into()).await;
            });
        }
    }
}
