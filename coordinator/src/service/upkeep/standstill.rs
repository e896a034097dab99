//! Jobs that could move and do not are looked for by every coordinator: health says so, whatever the probes of services say.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use common::telemetry::table::metric;
use common::vocabulary::JobId;
use domain::standstill::{Wants, Watch};
use domain::transition::State;

use crate::db::{self, backlog::Out, jobs::Job};
use crate::service::error::Result;
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::{Core, backlogs};
use crate::service::state::TaskName;
use crate::service::state::still::Still;

/// How often it is looked at, at most.
const LOOK: Duration = Duration::from_secs(2);

/// Looks for them.
#[derive(Default)]
pub(crate) struct Standstill {
    watch: Watch<JobId>,
}

#[async_trait]
impl Task for Standstill {
    fn name(&self) -> TaskName {
        TaskName::Standstill
    }

    fn rhythm(&self, core: &Core) -> Rhythm {
        Rhythm::Every(LOOK.min(core.settings.dispatch.lease / 4))
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        let could_move = could_move(core).await?;
        let now = Instant::now();
        let wants = could_move.iter().map(|(job, wants)| (job.id, *wants));
        let still =
            self.watch.look(wants, core.settings.dispatch.lease, now).into_iter().map(|(job, wants, waited)| {
                let model =
                    could_move.iter().find(|(known, _)| known.id == job).and_then(|(known, _)| known.model.clone());
                Still { job, model, waited, reason: format!("a job that {}", wants.in_words()) }
            });
        let mut still: Vec<Still> = still.collect();
        in_trouble(core, &mut still, now).await?;
        metric::STANDING_STILL.measured([([], still.len() as f64)]);
        *core.standing_still() = still;
        Ok(())
    }
}

/// Adds the jobs whose own trouble goes on, and forgets that of jobs that have ended.
async fn in_trouble(core: &Core, still: &mut Vec<Still>, now: Instant) -> Result<()> {
    let troubled: HashSet<JobId> = core.troubles().all().map(|(job, _)| job).collect();
    if troubled.is_empty() {
        return Ok(());
    }
    let ids: Vec<JobId> = troubled.into_iter().collect();
    let mut jobs = db::jobs::get_all(&mut *core.db.read().await?, &ids).await?;
    jobs.retain(|_, job| !job.state().is_ended());
    let mut troubles = core.troubles();
    troubles.retain(|job| jobs.contains_key(&job));
    for (job, trouble) in troubles.all() {
        let waited = now.duration_since(trouble.since);
        // As if it waited to be handed out.
        if waited <= Wants::Dispatch.limit(core.settings.dispatch.lease) {
            continue;
        }
        let model = jobs.get(&job).and_then(|job| job.model.clone());
        still.retain(|other| other.job != job);
        still.push(Still { job, model, waited, reason: trouble.reason.clone() });
    }
    Ok(())
}

/// The jobs that could move now, with what they want.
async fn could_move(core: &Core) -> Result<Vec<(Job, Wants)>> {
    let mut view = core.db.snapshot().await?;
    let (out, under_way) = (db::backlog::out(&mut view).await?, db::backlog::under_way(&mut view).await?);
    let mut could_move = Vec::new();
    for backlog in backlogs::open(core, &mut view).await? {
        let rung = out.rings.iter().filter(|ring| ring.dispatch_pool == backlog.dispatch_pool).count();
        if core.fleet().free(&backlog.dispatch_pool, &out.held) as usize > rung {
            could_move.extend(backlog.first(core, &mut view, 1).await?.into_iter().map(|job| {
                let wants = if job.spec.is_some() { Wants::Dispatch } else { Wants::Data };
                (job, wants)
            }));
        }
    }
    let cancelling = db::backlog::cancelling(&mut view).await?;
    could_move.extend(cancelling.into_iter().map(|job| (job, Wants::Settling)));
    could_move.extend(under_way.into_iter().filter_map(|job| wants(core, &job, &out).map(|wants| (job, wants))));
    Ok(could_move)
}

/// What a job that has left the backlog wants of us.
fn wants(core: &Core, job: &Job, out: &Out) -> Option<Wants> {
    match job.lifecycle.state {
        State::Dispatched { .. } => (core.fleet().free(job.dispatch_pool(), &out.held) > 0).then_some(Wants::Claim),
        State::Running { .. } if job.lifecycle.cancelling => Some(Wants::Settling),
        State::Running { claim } => {
            let lease = core.settings.dispatch.lease;
            let silent = core.fleet().silence(claim.worker).is_some_and(|silence| silence >= lease);
            silent.then_some(Wants::Rescue)
        }
        State::Judging { .. } => Some(Wants::Verdict),
        State::Queued { .. } | State::Completed | State::Failed { .. } | State::Cancelled => None,
    }
}
