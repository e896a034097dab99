//! Messages that come twice, or again after a while.

use std::time::Duration;

use common::ports::{Level, Mailbox};
use common::vocabulary::{AttemptId, JobId, Pool};
use common::wire::Doorbell;

use super::Aim;
use crate::arena::Arena;
use crate::plan::{Fault, FaultPlan};
use crate::tap::Kind;
use crate::watch::{Dispatch, within};

/// As that of the doorbells the leader rings.
const TTL: Duration = Duration::from_secs(10);
/// Longer than a service that is whole takes to answer.
const TIME_LIMIT: Duration = Duration::from_secs(3);

pub(super) fn strike(arena: &Arena, plan: &mut FaultPlan, aim: &Aim<'_>, fault: Fault) -> bool {
    let job = aim.jobs[plan.draw(aim.jobs.len() as u64) as usize];
    match fault {
        Fault::DoorbellTwice => ring(arena, doorbell(job.id(), job.attempt()), 1),
        Fault::DoorbellReplayed => {
            // An earlier one of the job; else one that another job had.
            let earlier = |attempt: &&Dispatch| Some(attempt.attempt()) != job.attempt();
            let dispatches = &aim.view.attempts;
            let own = dispatches.iter().filter(earlier).find(|attempt| attempt.job() == job.id());
            let replayed = own.or(dispatches.iter().find(earlier));
            let replayed = replayed.map(|attempt| doorbell(attempt.job(), Some(attempt.attempt())));
            ring(arena, replayed.unwrap_or_else(|| doorbell(job.id(), job.attempt())), 3)
        }
        Fault::ClaimReplayed => say(arena, aim, Kind::Claim),
        _ => say(arena, aim, Kind::Result),
    }
}

/// The doorbell of an attempt; of one that never was, where a job has none.
fn doorbell(job: JobId, attempt: Option<AttemptId>) -> Doorbell {
    Doorbell { job, attempt: attempt.unwrap_or_else(AttemptId::new_v4), trace: None }
}

fn ring(arena: &Arena, doorbell: Doorbell, times: usize) -> bool {
    let (pool, doorbells) = (Pool::cpu(), [doorbell]);
    (0..times).all(|_| {
        let rung = arena.queue.publish(&pool, Level::MAX, &doorbells, TTL);
        matches!(within(&arena.runtime, TIME_LIMIT, rung), Some(Ok(())))
    })
}

/// A real message, word for word.
fn say(arena: &Arena, aim: &Aim<'_>, kind: Kind) -> bool {
    let jobs: Vec<_> = aim.jobs.iter().map(|job| job.id()).collect();
    let Some(body) = arena.tap.received().again(kind, &jobs) else { return false };
    let said = arena.bus.post(Mailbox::Coordinator, body);
    matches!(within(&arena.runtime, TIME_LIMIT, said), Some(Ok(())))
}
