//! From doorbell to claim, one at a time and only while a slot is free.

use std::sync::Arc;
use std::time::Duration;

use common::ports::{Consumer, Delivery, PortError};
use common::telemetry::Exchange;
use common::telemetry::table::{attribute, span};
use common::vocabulary::ClaimId;
use common::wire::{Claim, Doorbell, Grant, ToCoordinator};
use tokio_util::task::TaskTracker;

use super::claim;
use super::desk::{Answer, Halt, HaltSignal};
use super::service::Context;
use super::slots::{FreeSlots, Slot};

const PAUSE: Duration = Duration::from_secs(1);

/// Takes doorbells until the worker drains. A full worker has no consumer: the broker keeps its doorbells for others.
pub(super) async fn run(context: &Arc<Context>, mut slots: FreeSlots, claims: &TaskTracker) {
    let mut consumer: Option<Box<dyn Consumer>> = None;
    loop {
        if slots.is_empty() {
            consumer = None;
        }
        let slot = tokio::select! {
            () = context.drain.cancelled() => return,
            slot = slots.take() => slot,
        };
        let Some(slot) = slot else { return };
        match next(context, &mut consumer).await {
            Next::Doorbell(delivery) => {
                let (system, attempt) = (context.ports.queue.system(), delivery.doorbell.attempt);
                let exchange = |operation, place| Exchange::begin(operation, place, attempt, system, &delivery.queue);
                let received = exchange(&span::RECEIVE, delivery.doorbell.trace);
                let taken = received.around(answer(context, &delivery)).await;
                let settling = exchange(&span::SETTLE, received.context());
                let settled = settling.around(acknowledge(&mut consumer, &delivery)).await;
                settling.end(&settled);
                received.end(&Ok::<(), PortError>(()));
                match taken {
                    Some((grant, halt)) => {
                        let (context, give) = (context.clone(), slots.give());
                        let processing = exchange(&span::PROCESS, grant.trace);
                        claims.spawn(async move {
                            let slot = processing.around(claim::live(context, slot, *grant, halt)).await;
                            processing.end(&Ok::<(), PortError>(()));
                            give.send(slot)
                        });
                    }
                    None => give_back(&slots, slot),
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

enum Next {
    Doorbell(Delivery),
    Trouble,
    Draining,
}

async fn next(context: &Context, consumer: &mut Option<Box<dyn Consumer>>) -> Next {
    let waited = async {
        let open = match consumer {
            Some(open) => open,
            None => consumer.insert(context.ports.queue.consume(&context.settings.pools).await?),
        };
        open.next().await
    };
    let waited = tokio::select! {
        waited = waited => waited,
        () = context.drain.cancelled() => return Next::Draining,
    };
    match waited {
        Ok(delivery) => Next::Doorbell(delivery),
        Err(error) => {
            tracing::warn!(%error, "no doorbell can be taken now");
            *consumer = None;
            Next::Trouble
        }
    }
}

async fn acknowledge(consumer: &mut Option<Box<dyn Consumer>>, delivery: &Delivery) -> Result<(), PortError> {
    let Some(open) = consumer else { return Ok(()) };
    match open.ack(delivery).await {
        Ok(true) => {}
        Ok(false) => tracing::info!(job = %delivery.doorbell.job, "the doorbell had been given to someone else too"),
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

type Granted = (Box<Grant>, HaltSignal);

/// Answers a doorbell: claims it, repeating the claim until the coordinator answers; a worker that is going down declines.
async fn answer(context: &Context, delivery: &Delivery) -> Option<Granted> {
    let claim = claim_for(context, delivery.doorbell);
    if context.drain.is_cancelled() {
        decline(context, claim).await;
        return None;
    }
    context.roster.asking(true);
    let asking = span::CLAIM.here().text(&attribute::JOB, claim.job).text(&attribute::ATTEMPT, claim.attempt);
    let asking = asking.text(&attribute::WORKER, claim.worker).begin();
    let mut answer = context.desk.ask(claim.claim);
    let answer = loop {
        if let Err(error) = context.say(&ToCoordinator::Claim(claim)).await {
            tracing::warn!(%error, "a claim did not get through");
        }
        tokio::select! {
            answer = &mut answer => break answer.ok(),
            () = tokio::time::sleep(context.settings.claim_repeat) => {}
            () = context.drain.cancelled() => break None,
        }
    };
    asking.text(
        &attribute::ANSWER,
        match &answer {
            Some(Answer::Granted(..)) => "granted",
            Some(Answer::Refused(_)) => "refused",
            None => "given up",
        },
    );
    drop(asking);
    match answer {
        Some(Answer::Granted(grant, halt)) => {
            context.roster.hold(claim, grant.resume.clone());
            if context.drain.is_cancelled() {
                context.desk.end(claim.claim, Halt::Release("the worker is going down".into()));
            }
            Some((grant, halt))
        }
        Some(Answer::Refused(reason)) => {
            tracing::info!(job = %claim.job, reason, "a claim was refused");
            context.roster.asking(false);
            None
        }
        None => {
            context.desk.leave(claim.claim);
            context.roster.asking(false);
            decline(context, claim).await;
            None
        }
    }
}

/// A claim with a fresh id: one delivery of the attempt to this worker.
fn claim_for(context: &Context, doorbell: Doorbell) -> Claim {
    Claim { job: doorbell.job, attempt: doorbell.attempt, claim: ClaimId::new_v4(), worker: context.worker }
}

/// The doorbell came while nothing could be started: the job goes back without a burnt attempt.
async fn decline(context: &Context, claim: Claim) {
    if let Err(error) = context.say(&ToCoordinator::Declined(claim)).await {
        tracing::warn!(%error, "a doorbell was declined, but that did not get through");
    }
}
