//! Heartbeats: the whole state of the worker, every few seconds and on change. Never behind anything else.

use std::sync::Arc;
use std::time::Duration;

use common::wire::{Heartbeat, ToCoordinator};
use tokio::time::Instant;

use super::claim_registry::Halt;
use super::held_claims::WorkerStatus;
use super::service::Context;
use crate::process::memory;

/// Changes within so short a time travel in one heartbeat.
const GATHER: Duration = Duration::from_millis(20);
/// Longer than a bus waits for an answer before it gives a silent connection up. Cut short, it would never do so.
const TIME_LIMIT: Duration = Duration::from_secs(4);

/// The number of the last heartbeat: higher than any other.
const LAST: u64 = i64::MAX as u64;

/// One that did not get through is said again so soon: after an outage nobody waits long to be heard.
const AGAIN: Duration = Duration::from_secs(1);

/// Least time between two heartbeats: small jobs change something all the time.
const PACE: Duration = Duration::from_millis(200);

/// Beats for ever. While the bus cannot be reached trainings go on, but no longer than the orphan limit.
pub(super) async fn run(context: Arc<Context>) {
    let mut received = Instant::now();
    let mut sequence = 0;
    loop {
        let pace = tokio::time::sleep(PACE);
        sequence += 1;
        let beat = ToCoordinator::Heartbeat(heartbeat(&context, sequence));
        // A bus may take what nobody will ever read, such as a file that was removed: the probe notices.
        let spoken = async { context.say(&beat).await.and(context.ports.bus.probe().await) };
        let mut rest = context.settings.heartbeat;
        match tokio::time::timeout(context.settings.heartbeat.max(TIME_LIMIT), spoken).await {
            Ok(Ok(())) => {
                received = Instant::now();
                context.scratch.bury();
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the heartbeat did not get through");
                rest = rest.min(AGAIN);
            }
            Err(_) => {
                tracing::warn!("the bus did not take the heartbeat in time");
                rest = rest.min(AGAIN);
            }
        }
        if received.elapsed() > context.settings.orphan_limit {
            context
                .registry
                .end_all(&Halt::Release(format!("the bus was out of reach for {:?}", context.settings.orphan_limit)));
        }
        tokio::select! {
            () = async { tokio::join!(context.held_claims.changed(), pace); } => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Says that this worker has ended, so that nobody waits for it; if that does not get through, its successor on this machine will find
/// its folder and say so.
pub(super) async fn farewell(context: &Context) {
    let last = ToCoordinator::Heartbeat(Heartbeat { free: 0, draining: true, gone: true, ..heartbeat(context, LAST) });
    let sent = tokio::time::timeout(TIME_LIMIT, context.say(&last));
    if !matches!(sent.await, Ok(Ok(()))) {
        tracing::info!("the farewell did not get through");
        context.scratch.leave_a_trace();
    }
}

fn heartbeat(context: &Context, sequence: u64) -> Heartbeat {
    let WorkerStatus { free, slots, draining, troubles, held, finished } = context.held_claims.status();
    let (pids, hardware) = (context.children(), context.meter.newest());
    Heartbeat {
        worker: context.worker,
        sequence,
        host: context.host.clone(),
        pid: std::process::id(),
        pools: context.settings.pools.clone(),
        slots,
        free,
        draining,
        gone: false,
        devices: hardware.devices.iter().map(|device| device.name.clone()).collect(),
        hardware,
        memory: memory::resident(std::process::id()) + pids.into_iter().map(memory::resident).sum::<u64>(),
        version: env!("CARGO_PKG_VERSION").into(),
        troubles,
        held,
        finished,
        dead: context.scratch.dead().to_vec(),
    }
}
