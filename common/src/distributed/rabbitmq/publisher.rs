//! Publishing with confirms.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::sync::Mutex;

use super::error::Failure;
use super::{headers, topology};
use crate::ports::Level;
use crate::telemetry::TraceContext;
use crate::vocabulary::Pool;

/// Written to disk by the broker.
pub(super) const PERSISTENT: u8 = 2;

/// The broker refuses expirations that overflow its timers.
const LONGEST_TTL: Duration = Duration::from_hours(24);

/// Publishes to the queue of one pool, on a channel of its own: `lapin` gives a returned message to whichever confirm comes next
/// on the channel, so that a channel for all queues could blame the wrong one.
#[derive(Debug)]
pub(super) struct Publisher {
    channel: Channel,
    queue: String,
    // Held while a doorbell is written, never while its confirm is awaited. `lapin` numbers a message and queues its frames in two
    // steps; between them another one could get ahead and the two would have each other's confirm.
    turn: Mutex<()>,
    // Someone has deleted the queue: the next publisher declares it anew.
    stranded: AtomicBool,
}

impl Publisher {
    /// Declares the queue and asks for confirms.
    pub(super) async fn open(channel: Channel, pool: &Pool) -> Result<Self, Failure> {
        topology::pool(&channel, pool).await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { channel, queue: topology::name_of(pool), turn: Mutex::default(), stranded: false.into() })
    }

    /// Whether the channel is open and the queue where it was.
    pub(super) fn is_open(&self) -> bool {
        self.channel.status().connected() && !self.stranded.load(Ordering::Relaxed)
    }

    /// Publishes a doorbell that expires after `ttl`; returns once the broker has it durably. Many may be under way at once.
    pub(super) async fn publish(
        &self,
        level: Level,
        body: &[u8],
        ttl: Duration,
        trace: Option<TraceContext>,
    ) -> Result<(), Failure> {
        let mut properties = BasicProperties::default().with_delivery_mode(PERSISTENT).with_priority(level.get());
        // Said of the message, not of the queue: queues that exist cannot be given other arguments.
        properties = properties.with_expiration(ttl.min(LONGEST_TTL).as_millis().to_string().into());
        if let Some(trace) = trace {
            properties = properties.with_headers(headers::of(trace));
        }
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let confirm = {
            let _turn = self.turn.lock().await;
            self.channel.basic_publish("".into(), self.queue.as_str().into(), options, body, properties).await?
        };
        let not_taken = |reason: String| Err(Failure::NotTaken { queue: self.queue.clone(), reason });
        match confirm.await? {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) => {
                self.stranded.store(true, Ordering::Relaxed);
                not_taken(format!("the broker returned a doorbell ({})", returned.reply_text))
            }
            Confirmation::Nack(None) => not_taken("the broker did not take a doorbell".into()),
            Confirmation::NotRequested => not_taken("the broker does not confirm doorbells".into()),
        }
    }
}
