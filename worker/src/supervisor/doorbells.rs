//! From doorbells to claims: one message at a time, and only while a slot is free.

use std::sync::Arc;
use std::time::Duration;

use common::ports::{Consumer, Delivery, PortError};
use common::telemetry::Exchange;
use common::telemetry::table::span;
use common::vocabulary::ClaimId;
use common::wire::{Claim, Doorbell};
use tokio_util::task::TaskTracker;

use super::asking::{self, Granted};
use super::claim;
use super::service::Context;
use super::slots::{FreeSlots, Slot};

const PAUSE: Duration = Duration::from_secs(1);

/// Takes doorbells until the worker drains. A full worker has no consumer: the broker keeps its doorbells for others. Only while
/// all it holds is small it keeps one message at hand, for the slot that will be free in a moment.
pub(super) async fn run(context: &Arc<Context>, mut slots: FreeSlots, claims: &TaskTracker) {
    let mut consumer: Option<Box<dyn Consumer>> = None;
    loop {
        if slots.is_empty() && !context.held_claims.holds_only_small() {
            consumer = None;
        }
        let slot = tokio::select! {
            () = context.drain.cancelled() => return,
            slot = slots.take() => slot,
        };
        let Some(slot) = slot else { return };
        match next(context, &mut consumer).await {
            Next::Doorbells(delivery) => {
                let granted = take(context, &mut consumer, &delivery).await;
                if granted.is_empty() {
                    give_back(&slots, slot);
                } else {
                    let (context, give) = (context.clone(), slots.give());
                    claims.spawn(async move {
                        if let Some(slot) = claim::live(context, slot, granted, delivery.queue).await {
                            let _all_is_over = give.send(slot);
                        }
                    });
                }
            }
            Next::Trouble => {
                give_back(&slots, slot);
                tokio::time::sleep(PAUSE).await;
            }
            Next::Draining => return,
        }
    }
}

/// Claims what a message asks for, then acknowledges it. It is part of the trace of its first doorbell.
async fn take(context: &Context, consumer: &mut Option<Box<dyn Consumer>>, delivery: &Delivery) -> Vec<Granted> {
    let Some(first) = delivery.doorbells.first() else {
        let _not_held = acknowledge(consumer, delivery).await;
        return Vec::new();
    };
    let system = context.ports.queue.system();
    let exchange = |operation, place| Exchange::begin(operation, place, first.attempt, system, &delivery.queue);
    let received = exchange(&span::RECEIVE, first.trace);
    let asked = delivery.doorbells.iter().map(|doorbell| claim_for(context, *doorbell)).collect();
    let granted = received.around(asking::ask(context, asked)).await;
    let settling = exchange(&span::SETTLE, received.context());
    let settled = settling.around(acknowledge(consumer, delivery)).await;
    settling.end(&settled);
    received.end(&Ok::<(), PortError>(()));
    granted
}

enum Next {
    Doorbells(Delivery),
    Trouble,
    Draining,
}

async fn next(context: &Context, consumer: &mut Option<Box<dyn Consumer>>) -> Next {
    let waited = async {
        let open = match consumer {
            Some(open) => open,
            None => consumer.insert(context.ports.queue.consume(&context.settings.pools).await?),
        };
        context.held_claims.queue(None);
        open.next().await
    };
    let waited = tokio::select! {
        waited = waited => waited,
        () = context.drain.cancelled() => return Next::Draining,
    };
    match waited {
        Ok(delivery) => Next::Doorbells(delivery),
        Err(error) => {
            tracing::warn!(%error, "no doorbell can be taken now");
            context.held_claims.queue(Some(error.to_string()));
            *consumer = None;
            Next::Trouble
        }
    }
}

async fn acknowledge(consumer: &mut Option<Box<dyn Consumer>>, delivery: &Delivery) -> Result<(), PortError> {
    let Some(open) = consumer else { return Ok(()) };
    match open.ack(delivery).await {
        Ok(true) => {}
        Ok(false) => tracing::info!(doorbells = ?delivery.doorbells, "they had been given to someone else too"),
        Err(error) => {
            tracing::warn!(%error, "a doorbell was not acknowledged: it will ring again and be refused");
            *consumer = None;
            return Err(error);
        }
    }
    Ok(())
}

fn give_back(slots: &FreeSlots, slot: Slot) {
    let _ = slots.give().send(slot);
}

/// A claim with a fresh id: one delivery of the attempt to this worker.
fn claim_for(context: &Context, doorbell: Doorbell) -> Claim {
    Claim { job: doorbell.job, attempt: doorbell.attempt, claim: ClaimId::new_v4(), worker: context.worker }
}
