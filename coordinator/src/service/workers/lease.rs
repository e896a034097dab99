//! Leases: on the leader's own monotonic clock, standing still while its probe of the bus or the database fails: without either no
//! heartbeat is taken in. The same round takes up what a restart has left half done.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::ports::PortError;
use common::vocabulary::{FailureClass, JobId, Timestamp, WorkerId};
use common::wire::Claim;
use domain::transition::State;
use tokio::time::Instant;

use crate::db::{self, jobs::Job};
use crate::service::error::Result;
use crate::service::jobs::{lifecycle, slot_release};
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::fault::Mutant;
use crate::service::runtime::{Core, alone};
use crate::service::state::TaskName;
use crate::service::state::fleet::Gone;

/// A database that takes longer to answer does not.
const PROBE: Duration = Duration::from_secs(2);

/// Watches, on its own time.
pub(crate) struct Leases {
    last: Instant,
}

impl Leases {
    /// From now on.
    pub(crate) fn new() -> Self {
        Self { last: Instant::now() }
    }
}

#[async_trait]
impl Task for Leases {
    fn name(&self) -> TaskName {
        TaskName::Leases
    }

    fn rhythm(&self, core: &Core) -> Rhythm {
        Rhythm::Every(core.lease.look())
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        let passed = self.last.elapsed();
        self.last = Instant::now();
        round(core, passed).await
    }
}

async fn round(core: &Core, passed: Duration) -> Result<()> {
    let database = tokio::time::timeout(PROBE, core.db.probe());
    let answer = core.ports.bus.probe().await.is_ok() && matches!(database.await, Ok(Ok(())));
    let listens = answer && core.deaf_for() < core.lease.deaf_after();
    // A look that was held up: the mailbox was read no sooner than this, and what lies in it may be taken in only now.
    core.fleet().advance(passed.min(core.lease.deaf_after()), listens);
    slot_release::of_lost_workers(core).await;
    let unfinished = {
        let mut view = core.db.snapshot().await?;
        let mut jobs = db::backlog::under_way(&mut view).await?;
        jobs.extend(db::backlog::cancelling(&mut view).await?);
        jobs
    };
    // Workers tell it to all coordinators, and only the leader hears of the end.
    let under_way: HashSet<JobId> = unfinished.iter().map(|row| row.id).collect();
    core.progress().retain(|job, _| under_way.contains(job));
    core.recent.retain(|job| under_way.contains(job));
    if !core.leads() {
        return Ok(());
    }
    let mut lost = Vec::new();
    for job in unfinished {
        lost.extend(alone(core, TaskName::Leases, job.id, look_at(core, job, listens)).await?.flatten());
    }
    lose(core, lost).await
}

/// A claim whose worker is gone.
struct Lost {
    claim: Claim,
    gone: Gone,
}

impl Lost {
    fn reason(&self) -> String {
        match self.gone {
            Gone::Silent(silence) => format!("its worker was silent for {:.1} s", silence.as_secs_f64()),
            Gone::Ended => "its worker has ended without it".into(),
            Gone::Dead => "its worker is dead: the one that was started after it has found its folder".into(),
        }
    }
}

/// Takes up what a job lacks; answers with its claim if the worker is lost.
async fn look_at(core: &Core, job: Job, listens: bool) -> Result<Option<Lost>> {
    match job.lifecycle.state {
        State::Queued { unsettled: Some(attempt) } if job.lifecycle.cancelling => {
            lifecycle::settle(core, job.id, attempt, "the job was cancelled").await?;
        }
        State::Running { claim } if job.lifecycle.cancelling => {
            lifecycle::settle(core, job.id, claim.attempt, "the job was cancelled").await?;
        }
        State::Running { claim } => {
            core.fleet().expect(claim.worker, Timestamp::now());
            return Ok(gone(core, &claim, listens).await?.map(|gone| Lost { claim, gone }));
        }
        State::Judging { .. } => core.results.wanted(job.id),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => {}
    }
    Ok(None)
}

/// Whether a claim's worker is gone. While nobody listens no silence means anything; what was said does.
async fn gone(core: &Core, claim: &Claim, listens: bool) -> Result<Option<Gone>> {
    if core.fault.has(Mutant::LeaseByKey) {
        let expired = listens && core.ports.bus.get(&key_of(claim.worker)).await?.is_none();
        return Ok(expired.then(|| Gone::Silent(core.fleet().silence_of(claim.worker))));
    }
    Ok(core.fleet().gone(claim).filter(|gone| listens || !matches!(gone, Gone::Silent(_))))
}

/// Takes jobs from workers that are gone, and keeps for how long those were silent that said nothing.
async fn lose(core: &Core, lost: Vec<Lost>) -> Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    let command =
        |lost: &Lost| (lost.claim.job, lifecycle::failed(lost.claim, FailureClass::Lost, lost.reason(), None));
    let _gone_meanwhile = lifecycle::commands(core, lost.iter().map(command).collect()).await?;
    let mut tx = core.db.begin().await?;
    for Lost { claim, gone } in lost {
        if let Gone::Silent(silence) = gone {
            db::attempts::set_silence(&mut tx, claim.attempt, silence.as_secs_f64()).await?;
        }
    }
    Ok(tx.commit().await.map_err(db::Error::from)?)
}

/// A heartbeat was taken in. Only the mutant that has its leases from a key of the bus does anything about it.
pub(crate) async fn on_heartbeat(core: &Core, worker: WorkerId) -> std::result::Result<(), PortError> {
    if core.fault.has(Mutant::LeaseByKey) {
        core.ports.bus.put(&key_of(worker), "here".into(), core.settings.dispatch.lease).await?;
    }
    Ok(())
}

fn key_of(worker: WorkerId) -> String {
    format!("lease/{worker}")
}
