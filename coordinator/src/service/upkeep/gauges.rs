//! Gauges, measured by the leader now and then: a few statements over all jobs, never one a job.

use std::sync::Arc;

use async_trait::async_trait;
use common::telemetry;
use common::telemetry::table::{attribute, metric};
use common::vocabulary::{JobState, Pool, Timestamp};

use crate::db;
use crate::service::error::Result;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::{Core, scaling};
use crate::service::state::TaskName;

/// Measures while this coordinator leads. What it measured is not exported any longer than that.
pub(crate) struct Gauges {
    _until_the_end: Forget,
}

impl Gauges {
    /// Nothing measured yet.
    pub(crate) fn new() -> Self {
        Self { _until_the_end: Forget }
    }
}

#[async_trait]
impl Task for Gauges {
    fn name(&self) -> TaskName {
        TaskName::Gauges
    }

    fn rhythm(&self, core: &Core) -> Rhythm {
        if telemetry::is_on() { Rhythm::Every(core.settings.telemetry.interval) } else { Rhythm::Off }
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        // Better none than old ones.
        measure(core).await.inspect_err(|_| forget())
    }
}

async fn measure(core: &Core) -> Result<()> {
    let scales = scaling::all(core).await?;
    let (held, age) = {
        let mut view = core.db.snapshot().await?;
        (db::backlog::held(&mut view).await?, db::models::age(&mut view).await?)
    };
    let of = |pool: &Pool| (&attribute::POOL, pool.to_string());
    metric::JOBS.measured(scales.iter().flat_map(|(pool, scale)| {
        let count = scale.count;
        let states = [
            (JobState::Queued, count.queued),
            (JobState::Dispatched, count.dispatched),
            (JobState::Running, count.running),
            (JobState::Judging, count.judging),
        ];
        states.map(|(state, n)| ([of(pool), (&attribute::STATE, state.to_string())], n as f64))
    }));
    metric::WANTED.measured(scales.iter().map(|(pool, scale)| ([of(pool)], scale.wanted() as f64)));
    metric::CAPACITY.measured(scales.iter().map(|(pool, scale)| ([of(pool)], scale.capacity.into())));
    let now = Timestamp::now();
    let ages = age.map(|age| [("mean", age.mean), ("oldest", age.oldest)]).into_iter().flatten();
    metric::MODEL_AGE
        .measured(ages.map(|(which, since)| ([(&attribute::STATISTIC, which.to_owned())], now.seconds_since(since))));
    let fleet = core.fleet();
    let silences = held.keys().filter_map(|worker| fleet.silence(*worker));
    metric::LEASE_AGE.measured(silences.max().map(|silence| ([], silence.as_secs_f64())));
    metric::WINDOW.measured(scales.iter().map(|(pool, scale)| ([of(pool)], scale.free.into())));
    metric::SLOTS.measured(scales.keys().flat_map(|pool| {
        let workers = fleet.alive().filter(|(_, worker)| worker.pools.contains(pool));
        let (slots, free) = workers.fold((0, 0), |(slots, free), (_, w)| (slots + w.slots, free + w.free));
        let state = |state: &str| [of(pool), (&attribute::SLOT_STATE, state.to_owned())];
        [(state("free"), free.into()), (state("busy"), slots.saturating_sub(free).into())]
    }));
    Ok(())
}

/// When dropped, nothing measured here is exported any more.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        forget();
    }
}

fn forget() {
    use metric::{CAPACITY, JOBS, LEASE_AGE, MODEL_AGE, SLOTS, WANTED, WINDOW};
    for gauge in [&JOBS, &WANTED, &CAPACITY, &MODEL_AGE, &LEASE_AGE, &WINDOW, &SLOTS] {
        gauge.forget();
    }
}
