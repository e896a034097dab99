//! Leases: on the leader's own monotonic clock, standing still while its probe of the bus fails. The same round takes up what a
//! restart has left half done.

use std::sync::Arc;
use std::time::Duration;

use common::vocabulary::{FailureClass, Timestamp};
use tokio::time::Instant;

use super::core::Core;
use super::{Result, life, record};
use crate::db::{self, jobs::Job};
use crate::domain::transition::State;

/// How often leases are looked at.
const TICK: Duration = Duration::from_millis(500);

/// Watches until the coordinator stops.
pub(super) async fn run(core: Arc<Core>) {
    let mut last = Instant::now();
    loop {
        let passed = last.elapsed();
        last = Instant::now();
        if let Err(error) = round(&core, passed).await {
            tracing::warn!(%error, "leases will be looked at again");
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn round(core: &Core, passed: Duration) -> Result<()> {
    let bus_answers = core.ports.bus.probe().await.is_ok();
    core.fleet().advance(passed, bus_answers);
    let unfinished = {
        let mut view = core.db.snapshot().await?;
        let mut jobs = db::line::under_way(&mut view).await?;
        jobs.extend(db::line::cancelling(&mut view).await?);
        jobs
    };
    for job in unfinished {
        look_at(core, job, bus_answers).await?;
    }
    Ok(())
}

async fn look_at(core: &Core, job: Job, bus_answers: bool) -> Result<()> {
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
                bus_answers && fleet.is_lost(claim.worker)
            };
            if lost {
                let why = format!("its worker was silent for {} s", core.settings.dispatch.lease.as_secs_f64());
                let _gone_meanwhile =
                    life::command(core, job.id, life::failed(claim, FailureClass::Lost, why, None)).await?;
            }
        }
        State::Judging { .. } => record::wanted(core, job.id),
        State::Queued { .. }
        | State::Dispatched { .. }
        | State::Completed
        | State::Failed { .. }
        | State::Cancelled => {}
    }
    Ok(())
}
