//! Claims are asked for until each of them is answered.

use common::telemetry::table::{attribute, span};
use common::wire::{Claim, Grant, ToCoordinator};
use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::claim_registry::{ClaimAnswer, Halt, HaltSignal};
use super::service::Context;

/// A claim that was granted, and how it will be told to end.
pub(super) type Granted = (Grant, HaltSignal);

/// Asks for claims, repeating those that are not answered; with those that were granted, in the order asked. A worker that is going
/// down declines.
pub(super) async fn ask(context: &Context, mut open: Vec<Claim>) -> Vec<Granted> {
    if context.drain.is_cancelled() {
        decline(context, open, None).await;
        return Vec::new();
    }
    context.held_claims.asking(true);
    let asking = open.first().map(|first| {
        let asking = span::CLAIM.here().text(&attribute::JOB, first.job).text(&attribute::ATTEMPT, first.attempt);
        asking.text(&attribute::WORKER, first.worker).begin()
    });
    let order: Vec<_> = open.iter().map(|claim| claim.claim).collect();
    let mut answers: FuturesUnordered<_> = open
        .iter()
        .map(|claim| {
            let (id, answer) = (claim.claim, context.registry.ask(claim.claim));
            async move { (id, answer.await) }
        })
        .collect();
    let mut granted = Vec::with_capacity(open.len());
    say(context, &open).await;
    let mut repeat = tokio::time::interval(context.settings.claim_repeat);
    repeat.reset();
    while !open.is_empty() {
        tokio::select! {
            Some((id, answer)) = answers.next() => {
                open.retain(|claim| claim.claim != id);
                match answer {
                    Ok(ClaimAnswer::Granted(grant, halt)) => granted.push((*grant, halt)),
                    Ok(ClaimAnswer::Refused(reason)) => tracing::info!(claim = %id, reason, "a claim was refused"),
                    Err(_) => {}
                }
            }
            _ = repeat.tick() => say(context, &open).await,
            () = context.drain.cancelled() => break,
        }
    }
    if let Some(asking) = asking {
        let answer = match (granted.is_empty(), open.is_empty()) {
            (false, _) => "granted",
            (true, true) => "refused",
            (true, false) => "given up",
        };
        asking.text(&attribute::ANSWER, answer);
    }
    for claim in &open {
        context.registry.give_up(claim.claim);
    }
    granted.sort_by_key(|(grant, _)| order.iter().position(|id| *id == grant.claim.claim));
    context.held_claims.hold(granted.iter().map(|(grant, _)| grant));
    if context.drain.is_cancelled() {
        decline(context, open, None).await;
        context.registry.end_all(&Halt::Release("the worker is going down".into()));
    }
    granted
}

async fn say(context: &Context, claims: &[Claim]) {
    if let Err(error) = context.say(&ToCoordinator::Claim { claims: claims.to_vec() }).await {
        tracing::warn!(%error, "a claim did not get through");
    }
}

/// Nothing was started, nor will be: the jobs go back without a burnt attempt. `reason`: why no slot of this worker can ever take them.
pub(super) async fn decline(context: &Context, claims: Vec<Claim>, reason: Option<String>) {
    if claims.is_empty() {
        return;
    }
    if let Err(error) = context.say(&ToCoordinator::Declined { claims, reason }).await {
        tracing::warn!(%error, "a doorbell was declined, but that did not get through");
    }
}
