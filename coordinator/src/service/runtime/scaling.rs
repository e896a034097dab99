//! How much work each pool has and how much it can take: what autoscalers, metrics and `refit pool list` go by.
//!
//! Never the depth of the queue: that is small by design, because no more doorbells are out than there are free slots.

use std::collections::BTreeMap;

use common::vocabulary::{Pool, PoolOffer};

use super::{Core, backlogs};
use crate::db::{self, backlog::Count, pauses::Closed};
use crate::service::error::Result;

/// One pool, as the rows and the heartbeats show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scaling {
    /// Its jobs that have not ended.
    pub(crate) count: Count,
    /// Slots of its live workers that take new work.
    pub(crate) capacity: u32,
    /// Of those, free.
    pub(crate) free: u32,
    /// Those workers.
    pub(crate) workers: u32,
    /// Somebody has closed it.
    pub(crate) closed: Option<Closed>,
}

impl Scaling {
    /// Jobs in the backlog that a pause holds, of the pool or of their models.
    pub(crate) fn held(&self) -> u64 {
        if self.closed.is_some() { self.count.queued } else { self.count.held }
    }

    /// Slots it could use: jobs queued, dispatched or running. What is paused wants none. A pool without a worker still wants.
    pub(crate) fn wanted(&self) -> u64 {
        self.count.queued.saturating_sub(self.held()) + self.count.dispatched + self.count.running
    }
}

/// Every pool that is configured, served, closed, or has jobs.
pub(crate) async fn all(core: &Core) -> Result<BTreeMap<Pool, Scaling>> {
    let mut view = core.db.snapshot().await?;
    let mut counts = db::backlog::counts(&mut view).await?;
    let mut closed = db::pauses::closed(&mut view).await?;
    let held = db::backlog::held(&mut view).await?;
    drop(view);
    let fleet = core.fleet();
    let mut pools: Vec<Pool> = offers(core).into_iter().map(|offer| offer.pool).collect();
    pools.extend(fleet.alive().flat_map(|(_, heartbeat)| heartbeat.pools.iter().cloned()));
    pools.extend(counts.keys().chain(closed.keys()).cloned());
    let scaling = |pool: Pool| {
        let scaling = Scaling {
            count: counts.remove(&pool).unwrap_or_default(),
            capacity: fleet.slots(&pool),
            free: fleet.free(&pool, &held),
            workers: fleet.serving(&pool).count() as u32,
            closed: closed.remove(&pool),
        };
        (pool, scaling)
    };
    pools.sort();
    pools.dedup();
    Ok(pools.into_iter().map(scaling).collect())
}

/// Pools that nobody has closed, with the jobs that wait there, and no live worker: neither one of theirs nor one that may stand in.
pub(crate) fn lacking<'a>(core: &'a Core, pools: &'a BTreeMap<Pool, Scaling>) -> impl Iterator<Item = (&'a Pool, u64)> {
    pools.iter().filter_map(|(pool, Scaling { workers, closed, count, .. })| {
        let jobs = count.queued.saturating_sub(count.held);
        let nobody = *workers == 0 && closed.is_none() && backlogs::dispatch_pool(core, pool) == *pool;
        (nobody && jobs > 0).then_some((pool, jobs))
    })
}

/// One pool. One that nobody has heard of wants nothing.
pub(crate) async fn of(core: &Core, pool: &Pool) -> Result<Scaling> {
    Ok(all(core).await?.remove(pool).unwrap_or_default())
}

/// What the configuration promises: the pools it names, and the one that trainings go to.
pub(crate) fn offers(core: &Core) -> Vec<PoolOffer> {
    let settings = &core.settings.coordinator;
    let mut offers = settings.pools.clone();
    if !offers.iter().any(|offer| offer.pool == settings.pool) {
        offers.push(PoolOffer::of(settings.pool.clone()));
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::pauses::Pause;

    #[test]
    fn what_is_paused_wants_nothing_and_what_runs_does() {
        let count = Count { queued: 10, held: 3, dispatched: 1, running: 2, judging: 4 };
        let open = Scaling { count, ..Scaling::default() };
        assert_eq!((open.held(), open.wanted()), (3, 10));
        let pause = Pause { at: common::vocabulary::Timestamp::default(), reason: String::new() };
        let closed = Scaling { closed: Some(Closed { pause, drain: false }), ..open };
        assert_eq!((closed.held(), closed.wanted()), (10, 3));
    }
}
