//! Leases: on the leader's own monotonic clock, standing still while its probe of the bus or the database fails: without either no
//! heartbeat is taken in. The same round takes up what a restart has left half done.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::ports::PortError;
use common::vocabulary::{FailureClass, JobId, Timestamp, WorkerId};
use common::wire::Claim;
use tokio::time::Instant;

use super::background::{Rhythm, Task, TaskName};
use super::core::Core;
use super::fault::Mutant;
use super::trouble::alone;
use super::{Result, freed, life, record};
use crate::db::{self, jobs::Job};
use crate::domain::transition::State;

/// How often leases are looked at.
const TICK: Duration = Duration::from_millis(500);
/// A database that takes longer to answer does not.
const PROBE: Duration = Duration::from_secs(2);
/// Nobody listens if the mailbox has not been read for so long: whoever reads it may be waiting for the database.
const DEAF: Duration = Duration::from_secs(3);

/// Watches, on its own time.
pub(super) struct Leases {
    last: Instant,
}

impl Leases {
    /// From now on.
    pub(super) fn new() -> Self {
        Self { last: Instant::now() }
    }
}

#[async_trait]
impl Task for Leases {
    fn name(&self) -> TaskName {
        TaskName::Leases
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::Every(TICK)
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
    let listens = answer && core.deaf_for() < DEAF;
    core.fleet().advance(passed, listens);
    freed::with_the_lost(core).await;
    let unfinished = {
        let mut view = core.db.snapshot().await?;
        let mut jobs = db::line::under_way(&mut view).await?;
        jobs.extend(db::line::cancelling(&mut view).await?);
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

/// A claim whose worker is silent.
struct Lost {
    claim: Claim,
    /// For how long, seconds.
    silence: f64,
}

/// Takes up what a job lacks; answers with its claim if the worker is lost.
async fn look_at(core: &Core, job: Job, listens: bool) -> Result<Option<Lost>> {
    match job.life.state {
        State::Queued { unsettled: Some(attempt) } if job.life.cancelling => {
            life::settle(core, job.id, attempt, "the job was cancelled").await?;
        }
        State::Running { claim } if job.life.cancelling => {
            life::settle(core, job.id, claim.attempt, "the job was cancelled").await?;
        }
        State::Running { claim } => {
            core.fleet().expect(claim.worker, Timestamp::now());
            if listens && is_over(core, claim.worker).await? {
                let silence = core.fleet().silence_of(claim.worker).as_secs_f64();
                return Ok(Some(Lost { claim, silence }));
            }
        }
        State::Judging { .. } => record::wanted(core, job.id),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => {}
    }
    Ok(None)
}

/// Whether a worker's lease is over.
async fn is_over(core: &Core, worker: WorkerId) -> Result<bool> {
    if core.fault.has(Mutant::LeaseByKey) {
        return Ok(core.ports.bus.get(&key_of(worker)).await?.is_none());
    }
    Ok(core.fleet().is_lost(worker))
}

/// Takes jobs from workers that are silent, and keeps for how long they were.
async fn lose(core: &Core, lost: Vec<Lost>) -> Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    let command = |Lost { claim, silence }: &Lost| {
        let why = format!("its worker was silent for {silence:.1} s");
        (claim.job, life::failed(*claim, FailureClass::Lost, why, None))
    };
    let _gone_meanwhile = life::commands(core, lost.iter().map(command).collect()).await?;
    let mut tx = core.db.begin().await?;
    for Lost { claim, silence } in lost {
        db::attempts::set_silence(&mut tx, claim.attempt, silence).await?;
    }
    Ok(tx.commit().await.map_err(db::Error::from)?)
}

/// A heartbeat was taken in. Only the mutant that has its leases from a key of the bus does anything about it.
pub(super) async fn heard(core: &Core, worker: WorkerId) -> std::result::Result<(), PortError> {
    if core.fault.has(Mutant::LeaseByKey) {
        core.ports.bus.put(&key_of(worker), "here".into(), core.settings.dispatch.lease).await?;
    }
    Ok(())
}

fn key_of(worker: WorkerId) -> String {
    format!("lease/{worker}")
}
