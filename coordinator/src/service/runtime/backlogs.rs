//! The backlogs that work is handed out from: one a pool, unless the pool is closed, or another stands in for it.

use common::vocabulary::{DeviceKind, Needs, Pool, PoolOffer, Timestamp};
use common::wire::{DeviceState, Heartbeat};
use domain::offers::{self, Host, Never, Wanted};

use super::{Core, scaling};
use crate::db::{self, Connection, backlog::Ring, jobs::Job};
use crate::service::error::Result;

/// Jobs that wait for the same workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// Whose workers hear the doorbells.
    pub(crate) dispatch_pool: Pool,
    /// Whose jobs wait there.
    pools: Vec<Pool>,
}

/// The backlogs with somebody waiting.
pub(crate) async fn open(core: &Core, view: &mut Connection) -> Result<Vec<Backlog>> {
    let closed = db::pauses::closed(view).await?;
    let waiting = db::backlog::pools(view).await?.into_iter().filter(|pool| !closed.contains_key(pool));
    let mut backlogs: Vec<Backlog> = Vec::new();
    for pool in waiting {
        let dispatch_pool = dispatch_pool(core, &pool);
        if closed.contains_key(&dispatch_pool) {
            continue;
        }
        match backlogs.iter_mut().find(|backlog| backlog.dispatch_pool == dispatch_pool) {
            Some(backlog) => backlog.pools.push(pool),
            None => backlogs.push(Backlog { dispatch_pool, pools: vec![pool] }),
        }
    }
    Ok(backlogs)
}

/// Where the jobs of a pool are handed out: there, or in the pool `cpu` while no worker of theirs lives and the settings allow it.
pub(crate) fn dispatch_pool(core: &Core, pool: &Pool) -> Pool {
    let cpu = Pool::cpu();
    let fleet = core.fleet();
    let falls_back =
        core.settings.dispatch.cpu_fallback && fleet.knows_all() && fleet.slots(pool) == 0 && fleet.slots(&cpu) > 0;
    if falls_back { cpu } else { pool.clone() }
}

/// What the configuration promises and live workers have.
pub(crate) struct Outlook {
    offers: Vec<PoolOffer>,
    hosts: Vec<(Vec<Pool>, Vec<DeviceState>)>,
}

impl Outlook {
    /// As it is now.
    pub(crate) fn now(core: &Core) -> Self {
        let fleet = core.fleet();
        let host = |heartbeat: &Heartbeat| (heartbeat.pools.clone(), heartbeat.hardware.devices.clone());
        Self { offers: scaling::offers(core), hosts: fleet.alive().map(|(_, heartbeat)| host(heartbeat)).collect() }
    }

    /// Why no worker can ever run what needs this of a pool; `None` if one can, or may come.
    pub(crate) fn never(&self, pool: &Pool, needs: &Needs) -> Option<Never> {
        offers::never(pool, needs, &self.offers, &self.hosts())
    }

    /// What is needed of a pool and no live worker of it has; `None` if one has it, or none lives.
    pub(crate) fn lacking(&self, pool: &Pool, needs: &Needs) -> Option<Wanted> {
        offers::lacking(pool, needs, &self.hosts())
    }

    fn hosts(&self) -> Vec<Host<'_>> {
        self.hosts.iter().map(|(pools, devices)| Host { pools, devices }).collect()
    }
}

/// Handed out to workers that stand in, which have no slot for it, while those of its own pool are back.
pub(crate) fn strays(core: &Core, ring: &Ring) -> bool {
    ring.dispatch_pool != ring.pool && core.fleet().slots(&ring.pool) > 0
}

impl Backlog {
    /// Whether there is somebody for a job; whoever asks for a GPU waits for one.
    fn welcomes(&self, core: &Core, job: &Job) -> bool {
        let needs = job.needs();
        let here = job.pool == self.dispatch_pool || needs.device != Some(DeviceKind::Cuda);
        here && core.fleet().welcomes(&self.dispatch_pool, &needs)
    }

    /// Its first jobs, best first.
    pub(crate) async fn first(&self, core: &Core, view: &mut Connection, count: u32) -> Result<Vec<Job>> {
        let now = Timestamp::now();
        let mut first = Vec::new();
        for pool in &self.pools {
            let mut limit = count;
            // Who waits for a device of its own holds up nobody behind it.
            let welcome = loop {
                let jobs = db::backlog::first(view, pool, limit, now, core.retry.backoff_cap).await?;
                let all = jobs.len() < limit as usize;
                let welcome: Vec<Job> = jobs.into_iter().filter(|job| self.welcomes(core, job)).collect();
                if all || welcome.len() >= count as usize {
                    break welcome;
                }
                limit = limit.saturating_mul(4);
            };
            first.extend(welcome);
        }
        db::backlog::merge(&mut first, count);
        Ok(first)
    }
}
