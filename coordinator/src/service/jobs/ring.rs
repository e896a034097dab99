//! Doorbells on their way to the queue.
//!
//! Their rows are written before, so nothing but time depends on them. A broker may take its time, or answer for one pool and not for
//! another: no pool waits for another's doorbells here, and nobody who changes rows waits for any.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::ports::PortError;
use common::telemetry::Exchange;
use common::telemetry::table::span;
use common::vocabulary::Pool;
use domain::transition::Command;
use tokio::task::JoinSet;

use super::lifecycle;
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::fault::Step;
use crate::service::state::TaskName;
use crate::service::state::bells::PendingBatch;

/// Between two tries of a message that the broker has not taken.
const PAUSE: Duration = Duration::from_millis(200);

/// Rings while this coordinator leads, for each pool by itself.
#[derive(Debug, Default)]
pub(crate) struct Ringing {
    pools: JoinSet<()>,
}

#[async_trait]
impl Task for Ringing {
    fn name(&self) -> TaskName {
        TaskName::Ring
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::Woken(|core| core.bells.bell(), None)
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        while self.pools.try_join_next().is_some() {}
        for pool in core.bells.begin() {
            let turn = Turn { core: core.clone(), pool };
            self.pools.spawn(async move { turn.all().await });
        }
        Ok(())
    }
}

/// Somebody rings for a pool.
struct Turn {
    core: Arc<Core>,
    pool: Pool,
}

impl Turn {
    /// One message after the other, until there is none.
    async fn all(&self) {
        while let Some(batch) = self.core.bells.next(&self.pool) {
            ring(&self.core, &self.pool, batch).await;
            self.core.fault.at(Step::Rung).await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.core.bells.end(&self.pool);
    }
}

/// Tries until the broker has the message, or until its doorbells are so old that nobody waits for them: also while it lay behind one that a
/// frozen broker kept waiting. Their jobs are then back in the backlog, which is where they are seen to be.
async fn ring(core: &Core, pool: &Pool, mut batch: PendingBatch) {
    let replaced_after = Duration::try_from_secs_f64(core.retry.unclaimed_after).unwrap_or_default();
    while batch.since.elapsed() < replaced_after {
        match publish(core, pool, &mut batch).await {
            Ok(()) => return core.bells.set_in_vain(false),
            Err(error) => {
                core.bells.set_in_vain(true);
                tracing::warn!(%pool, %error, "a doorbell will ring a little later");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!(%pool, doorbells = batch.doorbells.len(), "not rung in time: their jobs are back in the line");
    let back = batch.doorbells.iter().map(|bell| (bell.job, Command::Recall { attempt: bell.attempt }));
    if let Err(error) = lifecycle::commands(core, back.collect()).await {
        tracing::warn!(%error, "others ring in their place");
    }
}

/// It is part of the first doorbell's trace.
async fn publish(core: &Core, pool: &Pool, batch: &mut PendingBatch) -> std::result::Result<(), PortError> {
    let queue = &core.ports.queue;
    let Some(first) = batch.doorbells.first_mut() else { return Ok(()) };
    let sending = Exchange::begin(&span::SEND, first.trace, first.attempt, queue.system(), &queue.name_of(pool));
    let placed = first.trace;
    first.trace = sending.context();
    // Nobody waits for one that is so old: others ring in its place.
    let ttl = 2 * core.settings.dispatch.unclaimed_after;
    let sent = sending.around(queue.publish(pool, batch.level, &batch.doorbells, ttl)).await;
    sending.end(&sent);
    if let Some(first) = batch.doorbells.first_mut().filter(|_| sent.is_err()) {
        first.trace = placed;
    }
    sent
}
