//! Leases: on the leader's own monotonic clock, standing still while its probe of the bus or the database fails: without either no
//! heartbeat is taken in. The same round takes up what a restart has left half done.

use std::sync::Arc;
use std::time::Duration;

use common::vocabulary::{FailureClass, JobId, Timestamp};
use tokio::time::Instant;

use super::backoff::Backoff;
use super::core::Core;
use super::{Result, life, record};
use crate::db::{self, jobs::Job};
use crate::domain::transition::{Command, State};

/// How often leases are looked at.
const TICK: Duration = Duration::from_millis(500);
/// A database that takes longer to answer does not.
const PROBE: Duration = Duration::from_secs(2);

/// Watches until the coordinator stops.
pub(super) async fn run(core: Arc<Core>) {
    let mut last = Instant::now();
    let mut backoff = Backoff::new();
    loop {
        let passed = last.elapsed();
        last = Instant::now();
        let done = round(&core, passed).await;
        if let Err(error) = &done {
            tracing::warn!(%error, "leases will be looked at again");
        }
        backoff.after(&done).await;
        tokio::time::sleep(TICK).await;
    }
}

async fn round(core: &Core, passed: Duration) -> Result<()> {
    let database = tokio::time::timeout(PROBE, core.db.probe());
    let listens = core.ports.bus.probe().await.is_ok() && matches!(database.await, Ok(Ok(())));
    core.fleet().advance(passed, listens);
    let unfinished = {
        let mut view = core.db.snapshot().await?;
        let mut jobs = db::line::under_way(&mut view).await?;
        jobs.extend(db::line::cancelling(&mut view).await?);
        jobs
    };
    // Workers tell it to all coordinators, and only the leader hears of the end.
    core.progress().retain(|job, _| unfinished.iter().any(|row| row.id == *job));
    if !core.leads() {
        return Ok(());
    }
    let mut lost = Vec::new();
    for job in unfinished {
        lost.extend(look_at(core, job, listens).await?);
    }
    let _gone_meanwhile = life::commands(core, lost).await?;
    Ok(())
}

/// Takes up what a job lacks; answers with what is to be told to its row if its worker is lost.
async fn look_at(core: &Core, job: Job, listens: bool) -> Result<Option<(JobId, Command)>> {
    match job.life.state {
        State::Queued { unsettled: Some(attempt) } if job.life.cancelling => {
            life::settle(core, job.id, attempt, "the job was cancelled").await?;
        }
        State::Running { claim } if job.life.cancelling => {
            life::settle(core, job.id, claim.attempt, "the job was cancelled").await?;
        }
        State::Running { claim } => {
            let lost = {
                let mut fleet = core.fleet();
                fleet.expect(claim.worker, Timestamp::now());
                listens && fleet.is_lost(claim.worker)
            };
            if lost {
                let why = format!("its worker was silent for {} s", core.settings.dispatch.lease.as_secs_f64());
                return Ok(Some((job.id, life::failed(claim, FailureClass::Lost, why, None))));
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
