//! Who leaves the backlog next, and how many.

use std::time::Duration;

use common::vocabulary::{JobSpec, Pool};
use common::wire::MAX_DOORBELLS;

use super::freeze_front::READY;
use crate::db::{backlog::Out, jobs::Job};
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::backlogs::Backlog;

/// How long a job at the front is waited for while its data are frozen.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// How many jobs may leave the backlog of a pool now: never more than its workers can take soon, so that the order of the backlog holds.
pub(super) struct Window {
    /// Live slots.
    slots: usize,
    /// Slots that nobody has been sent to.
    free: usize,
    /// Small jobs, a batch ahead for each slot: what is over in a moment need not wait for the round trip.
    small: usize,
    /// No small job is out.
    nothing_out: bool,
}

impl Window {
    /// As it is now.
    pub(super) fn of(core: &Core, dispatch_pool: &Pool, out: &Out) -> Self {
        let (slots, free) = {
            let fleet = core.fleet();
            (fleet.slots(dispatch_pool) as usize, fleet.free(dispatch_pool, &out.held) as usize)
        };
        let here = || out.rings.iter().filter(|ring| ring.dispatch_pool == *dispatch_pool);
        let small = here().filter(|ring| ring.small).count();
        let taken = here().count() - small + small.div_ceil(MAX_DOORBELLS);
        // Whole batches only, once some are out: else each that is claimed would let a shorter one follow.
        let room = (slots * MAX_DOORBELLS).saturating_sub(small);
        let room = if small == 0 { room } else { room / MAX_DOORBELLS * MAX_DOORBELLS };
        Self { slots, free: free.saturating_sub(taken), small: room, nothing_out: small == 0 }
    }

    /// The length of batches that so many small jobs are parted into: where nothing is out, all slots get some.
    pub(super) fn batch_size(&self, jobs: usize) -> usize {
        if self.nothing_out { jobs.div_ceil(self.slots.max(1)).clamp(1, MAX_DOORBELLS) } else { MAX_DOORBELLS }
    }
}

/// Jobs that leave the backlog together.
#[derive(Default)]
pub(super) struct Front {
    /// Those that go in batches.
    pub(super) small: Vec<Job>,
    /// Those that go one by one.
    pub(super) whole: Vec<Job>,
}

/// The best jobs that can go now. One whose data are still being frozen is waited for a moment, then passed over.
pub(super) async fn front(core: &Core, backlog: &Backlog, window: &Window) -> Result<Front> {
    let mut front = Front::default();
    if window.free == 0 && window.small == 0 {
        return Ok(front);
    }
    let read = async |count: usize| backlog.first(core, &mut *core.db.read().await?, count as u32).await;
    // Where another pool stands in, each job is handed out by itself.
    let is_small = |job: &Job| job.pool == backlog.dispatch_pool && job.spec.as_ref().is_some_and(JobSpec::is_small);
    let few = window.free + READY as usize;
    let mut first = read(few).await?;
    if first.len() == few && first.first().is_some_and(is_small) {
        first = read(window.small.max(few)).await?;
    }
    for job in first.into_iter().filter(|job| !job.lifecycle.cancelling) {
        let room = if is_small(&job) { front.small.len() < window.small } else { front.whole.len() < window.free };
        match &job.spec {
            _ if !room => break,
            Some(_) if is_small(&job) => front.small.push(job),
            Some(_) => front.whole.push(job),
            None => {
                core.front_changed.notify_one();
                let slow = core.freezing().get(&job.id).is_some_and(|since| since.elapsed() > TIME_LIMIT);
                if !slow {
                    break;
                }
                tracing::info!(job = %job.id, "passed over: its data are still being frozen");
            }
        }
    }
    Ok(front)
}
