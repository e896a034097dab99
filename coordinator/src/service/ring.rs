//! Doorbells on their way to the queue.
//!
//! Their rows are written before, so nothing but time depends on them. A broker may take its time, or answer for one pool and not for
//! another: no pool waits for another's doorbells here, and nobody who changes rows waits for any.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use common::ports::{Level, PortError};
use common::telemetry::Exchange;
use common::telemetry::table::span;
use common::vocabulary::Pool;
use common::wire::Doorbell;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::background::{Rhythm, Task, TaskName};
use super::core::Core;
use super::fault::Step;
use super::{Result, life};
use crate::domain::transition::Command;

/// Between two tries of a message that the broker has not taken.
const PAUSE: Duration = Duration::from_millis(200);

/// A message for one pool.
#[derive(Debug)]
struct Strip {
    level: Level,
    doorbells: Vec<Doorbell>,
    since: Instant,
}

/// Messages that the broker has not been given yet, in the order in which their jobs left the line.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    state: Mutex<State>,
    given: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeMap<Pool, VecDeque<Strip>>,
    /// Pools that somebody rings for.
    ringing: BTreeSet<Pool>,
}

impl Bells {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These doorbells shall ring, in one message.
    pub(super) fn ring(&self, pool: Pool, level: Level, doorbells: Vec<Doorbell>) {
        let strip = Strip { level, doorbells, since: Instant::now() };
        self.state().waiting.entry(pool).or_default().push_back(strip);
        self.given.notify_one();
    }

    /// A new term: what an earlier one has left is rung again from its rows.
    pub(super) fn forget(&self) {
        *self.state() = State::default();
    }

    /// The pools that something waits for and nobody rings for, until now.
    fn begin(&self) -> Vec<Pool> {
        let mut state = self.state();
        state.waiting.retain(|_, strips| !strips.is_empty());
        let fresh: Vec<Pool> = state.waiting.keys().filter(|pool| !state.ringing.contains(*pool)).cloned().collect();
        state.ringing.extend(fresh.iter().cloned());
        fresh
    }

    fn next(&self, pool: &Pool) -> Option<Strip> {
        self.state().waiting.get_mut(pool)?.pop_front()
    }

    /// Nobody rings for a pool any more; what has come meanwhile is begun with anew.
    fn end(&self, pool: &Pool) {
        let mut state = self.state();
        state.ringing.remove(pool);
        if state.waiting.get(pool).is_some_and(|strips| !strips.is_empty()) {
            self.given.notify_one();
        }
    }
}

/// Rings while this coordinator leads, for each pool by itself.
#[derive(Debug, Default)]
pub(super) struct Ringing {
    pools: JoinSet<()>,
}

#[async_trait]
impl Task for Ringing {
    fn name(&self) -> TaskName {
        TaskName::Ring
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::Woken(|core| &core.bells.given, None)
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
        while let Some(strip) = self.core.bells.next(&self.pool) {
            ring(&self.core, &self.pool, strip).await;
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
/// frozen broker kept waiting. Their jobs are then back in the line, which is where they are seen to be.
async fn ring(core: &Core, pool: &Pool, mut strip: Strip) {
    let replaced_after = Duration::try_from_secs_f64(core.retry.unclaimed_after).unwrap_or_default();
    while strip.since.elapsed() < replaced_after {
        match publish(core, pool, &mut strip).await {
            Ok(()) => return core.set_rings_in_vain(false),
            Err(error) => {
                core.set_rings_in_vain(true);
                tracing::warn!(%pool, %error, "a doorbell will ring a little later");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!(%pool, doorbells = strip.doorbells.len(), "not rung in time: their jobs are back in the line");
    let back = strip.doorbells.iter().map(|bell| (bell.job, Command::Recall { attempt: bell.attempt }));
    if let Err(error) = life::commands(core, back.collect()).await {
        tracing::warn!(%error, "others ring in their place");
    }
}

/// It is part of the first doorbell's trace.
async fn publish(core: &Core, pool: &Pool, strip: &mut Strip) -> std::result::Result<(), PortError> {
    let queue = &core.ports.queue;
    let Some(first) = strip.doorbells.first_mut() else { return Ok(()) };
    let sending = Exchange::begin(&span::SEND, first.trace, first.attempt, queue.system(), &queue.name_of(pool));
    let placed = first.trace;
    first.trace = sending.context();
    // Nobody waits for one that is so old: others ring in its place.
    let ttl = 2 * core.settings.dispatch.unclaimed_after;
    let sent = sending.around(queue.publish(pool, strip.level, &strip.doorbells, ttl)).await;
    sending.end(&sent);
    if let Some(first) = strip.doorbells.first_mut().filter(|_| sent.is_err()) {
        first.trace = placed;
    }
    sent
}
