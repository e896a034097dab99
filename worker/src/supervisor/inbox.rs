//! What the coordinator says to this worker.

use std::sync::Arc;
use std::time::Duration;

use common::ports::{Cursor, LetterKind, Mailbox, set_aside};
use common::wire::codec::{self, CodecError, Limits};
use common::wire::{self, ToWorker};

use super::asking;
use super::claim_registry::Halt;
use super::service::Context;

const WAIT: Duration = Duration::from_secs(5);
const BATCH: usize = 64;

/// Reads the worker's mailbox for ever. A message lost with the bus is said again, or its sense follows from the next heartbeat.
pub(super) async fn run(context: Arc<Context>) {
    let (bus, mailbox) = (&context.ports.bus, Mailbox::Worker(context.worker));
    let mut cursor = Cursor::default();
    loop {
        match bus.read(mailbox, cursor, BATCH, WAIT).await {
            Ok(posts) => {
                for post in posts {
                    cursor = post.cursor;
                    match codec::decode(&post.body, Limits::default()) {
                        Ok(message) => handle(&context, message).await,
                        Err(error) => {
                            turn_down(&context, &post.body, &error).await;
                            set_aside(context.ports.bus.as_ref(), LetterKind::ToWorker, &post.body, &error).await;
                        }
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the mailbox cannot be read");
                tokio::time::sleep(context.settings.claim_repeat).await;
                // A bus that lost everything may count from the start again: its newest place is then before ours.
                if bus.tail(mailbox).await.is_ok_and(|newest| newest < cursor) {
                    cursor = Cursor::default();
                }
            }
        }
    }
}

/// Jobs that this release cannot understand go back at once, and their slot is free: another worker may be of a later one.
async fn turn_down(context: &Context, body: &[u8], error: &CodecError) {
    let claims = wire::granted(body);
    let reason = format!("{error}; its worker runs Refit {}", env!("CARGO_PKG_VERSION"));
    for claim in &claims {
        context.registry.refuse(claim.claim, reason.clone());
    }
    asking::decline(context, claims, Some(reason)).await;
}

async fn handle(context: &Context, message: ToWorker) {
    match message {
        ToWorker::Grant { grants } => {
            let given_up = grants.into_iter().filter_map(|grant| context.registry.grant(Box::new(grant))).collect();
            asking::decline(context, given_up, None).await;
        }
        ToWorker::Refuse { claim, reason } => context.registry.refuse(claim, reason),
        ToWorker::Stop { claim, reason } => context.registry.end(claim, Halt::Stop(reason)),
        ToWorker::Release { claim, reason } => context.registry.end(claim, Halt::Release(reason)),
        ToWorker::Recorded { claims } => context.held_claims.recorded(&claims),
        ToWorker::Drain => {
            tracing::info!("the coordinator asks this worker to drain");
            context.drain.cancel();
        }
    }
}
