//! The scaling signal of each pool: what it wants and what it has. Never the depth of the queue, which is small by design.

use std::collections::BTreeMap;

use common::vocabulary::{JobState, Pool};

use super::Result;
use super::core::Core;
use crate::db;

/// One pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Scale {
    /// Jobs that want a slot: queued, dispatched or running.
    pub(super) wanted: u64,
    /// Slots of living workers that take new jobs.
    pub(super) capacity: u32,
}

/// Every pool that somebody wants or serves.
pub(super) async fn scales(core: &Core) -> Result<BTreeMap<Pool, Scale>> {
    let counts = db::line::counts(&mut *core.db.read().await?).await?;
    let capacity: Vec<(Pool, u32)> = {
        let fleet = core.fleet();
        let takers = fleet.alive().filter(|(_, heartbeat)| !heartbeat.draining);
        takers.flat_map(|(_, worker)| worker.pools.iter().map(|pool| (pool.clone(), worker.slots))).collect()
    };
    Ok(scale(&counts, &capacity))
}

/// The same from counts of jobs and from the slots of each worker.
pub(super) fn scale(counts: &[(Pool, JobState, u64)], capacity: &[(Pool, u32)]) -> BTreeMap<Pool, Scale> {
    let mut scales: BTreeMap<Pool, Scale> = BTreeMap::new();
    for (pool, state, count) in counts {
        let wants = matches!(state, JobState::Queued | JobState::Dispatched | JobState::Running);
        scales.entry(pool.clone()).or_default().wanted += if wants { *count } else { 0 };
    }
    for (pool, slots) in capacity {
        scales.entry(pool.clone()).or_default().capacity += slots;
    }
    scales
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_without_workers_still_wants_and_one_without_jobs_still_has() {
        let (cpu, gpu): (Pool, Pool) = (Pool::cpu(), "gpu".parse().unwrap());
        let counts = [(JobState::Queued, 3), (JobState::Running, 2), (JobState::Judging, 7)]
            .map(|(state, count)| (cpu.clone(), state, count));
        let scales = scale(&counts, &[(gpu.clone(), 2), (gpu.clone(), 4)]);
        assert_eq!(scales[&cpu], Scale { wanted: 5, capacity: 0 });
        assert_eq!(scales[&gpu], Scale { wanted: 0, capacity: 6 });
    }
}
