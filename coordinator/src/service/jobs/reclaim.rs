//! Work that is taken back: from the queue, of pools and models that are paused; from workers, of pools that drain and for jobs
//! that are far more urgent.
//!
//! The row says that a job shall be given back; its worker is told at once, and again after each heartbeat that still names it.

use std::time::Duration;

use common::vocabulary::{JobKind, JobState, Pool, Timestamp, WorkerId};
use domain::due::elapsed;
use domain::job_reason::JobReason;
use domain::preempt::{self, Rule, Running, Waiting};
use domain::transition::{Command, State};

use super::lifecycle;
use crate::db::{self, Scope, backlog::Holders, jobs::Job};
use crate::service::error::Result;
use crate::service::runtime::Core;

/// How often it is looked at when nobody asks.
pub(crate) const LOOK: Duration = Duration::from_millis(500);
/// As many of the first in a backlog may ask for slots at a time.
const FRONT: u32 = 16;

/// Takes back what is paused, has been handed out, and is not claimed yet.
pub(crate) async fn recall(core: &Core) -> Result<()> {
    let (closed, paused, out) = {
        let mut view = core.db.snapshot().await?;
        let (closed, paused) = (db::pauses::closed(&mut view).await?, db::pauses::models(&mut view, Scope::All).await?);
        if closed.is_empty() && paused.is_empty() {
            return Ok(());
        }
        (closed, paused, db::backlog::under_way(&mut view).await?)
    };
    let is_closed = |job: &Job| closed.contains_key(&job.pool) || closed.contains_key(job.dispatch_pool());
    let is_paused = |job: &Job| job.model.as_ref().is_some_and(|model| paused.contains_key(model));
    for job in out.iter().filter(|job| is_closed(job) || is_paused(job)) {
        if let State::Dispatched { attempt, .. } = job.lifecycle.state {
            let _claimed_meanwhile = lifecycle::command(core, job.id, Command::Recall { attempt }).await?;
        }
    }
    Ok(())
}

/// Takes back what is to be taken back now.
pub(crate) async fn round(core: &Core) -> Result<()> {
    recall(core).await?;
    let rule = Rule::of(&core.settings.dispatch);
    let (closed, under_way) = {
        let mut view = core.db.snapshot().await?;
        let closed = db::pauses::closed(&mut view).await?;
        if closed.is_empty() && rule.is_none() {
            return Ok(());
        }
        (closed, db::backlog::under_way(&mut view).await?)
    };
    for job in under_way.iter().filter(|job| closed.get(job.dispatch_pool()).is_some_and(|closed| closed.drain)) {
        give_back(core, job, false, JobReason::PoolDrained { pool: job.dispatch_pool().clone() }).await?;
    }
    match rule {
        Some(rule) => preempt(core, &rule, &under_way).await,
        None => Ok(()),
    }
}

/// Asks the worker of a running job to give it back, unless that has been done.
async fn give_back(core: &Core, job: &Job, preempted: bool, reason: JobReason) -> Result<()> {
    if let Some(claim) = job.holder().filter(|_| !job.lifecycle.yielding) {
        let _gone_meanwhile = lifecycle::command(core, job.id, Command::Yield { claim, preempted, reason }).await?;
    }
    Ok(())
}

async fn preempt(core: &Core, rule: &Rule, under_way: &[Job]) -> Result<()> {
    let now = Timestamp::now();
    let (backlogs, held) = {
        let mut view = core.db.snapshot().await?;
        let closed = db::pauses::closed(&mut view).await?;
        let mut backlogs = Vec::new();
        for pool in db::backlog::pools(&mut view).await?.into_iter().filter(|pool| !closed.contains_key(pool)) {
            let front = db::backlog::first(&mut view, &pool, FRONT, now, core.retry.backoff_cap).await?;
            backlogs.push((pool, front));
        }
        (backlogs, db::backlog::held(&mut view).await?)
    };
    for (pool, front) in backlogs {
        // Whoever is not frozen yet could not use a slot.
        let ready = |job: &&Job| job.spec.is_some() && !job.lifecycle.cancelling;
        let front: Vec<&Job> = front.iter().take_while(ready).collect();
        let running = running(core, &pool, under_way, now);
        let free = free(core, &pool, under_way, &held);
        for chosen in
            preempt::preemptions(rule, &front.iter().map(|job| waiting(job)).collect::<Vec<_>>(), &running, free)
        {
            let victim = under_way.iter().find(|job| job.id == chosen.victim);
            let model = front.iter().find(|job| job.id == chosen.by).and_then(|job| job.model.clone());
            let reason = JobReason::MakesRoom { job: chosen.by, model, points: chosen.points };
            if let Some(victim) = victim {
                give_back(core, victim, true, reason).await?;
            }
        }
    }
    Ok(())
}

/// Slots that are free by the rows, less those a doorbell is out for: a job that has just been given back leaves one.
fn free(core: &Core, pool: &Pool, under_way: &[Job], held: &Holders) -> usize {
    let out = under_way.iter().filter(|job| job.state() == JobState::Dispatched && job.dispatch_pool() == pool).count();
    (core.fleet().unheld(pool, held) as usize).saturating_sub(out)
}

fn running(core: &Core, pool: &Pool, under_way: &[Job], now: Timestamp) -> Vec<Running> {
    let serving: Vec<WorkerId> = core.fleet().serving(pool).map(|(id, _)| id).collect();
    let here =
        |job: &&Job| job.dispatch_pool() == pool && job.holder().is_some_and(|claim| serving.contains(&claim.worker));
    let running = |job: &Job| Running {
        job: job.id,
        score: job.score,
        order_key: job.order_key,
        ran: job.started_at.map_or(0.0, |at| elapsed(at, now)),
        preemptions: job.lifecycle.preemptions,
        leaving: job.lifecycle.yielding || job.lifecycle.cancelling,
        resumes: matches!(job.kind, JobKind::Train | JobKind::Trial),
    };
    under_way.iter().filter(here).map(running).collect()
}

fn waiting(job: &Job) -> Waiting {
    Waiting { job: job.id, score: job.score, order_key: job.order_key }
}
