//! What follows from changes that are committed: messages, doorbells, seals.

use std::collections::BTreeMap;

use common::ports::Level;
use common::vocabulary::{AttemptId, FailureClass, JobId, JobKind, ModelKey, Pool, Timestamp, WorkerId};
use common::wire::{Claim, Doorbell, ToWorker};
use domain::job_reason::JobReason;
use domain::transition::{Command, Effect, State};

use super::command;
use super::next::Next;
use crate::db::{self, jobs::Job};
use crate::service::error::Result;
use crate::service::jobs::grant::grant;
use crate::service::runtime::fault::{Mutant, Step};
use crate::service::runtime::job_telemetry::{self, News};
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, alone, outbox};
use crate::service::state::TaskName;
use crate::wording::{self, Language};

/// Carries out what follows from changes that are committed. If it is cut short here, the loops find the rows and do it again.
///
/// # Errors
/// Something of it could not be done now. Everything else has been.
pub(crate) async fn follow(core: &Core, changed: Vec<Next>) -> Result<()> {
    core.backlog_changed.notify_one();
    let mut doorbells: BTreeMap<Pool, (f64, Vec<Doorbell>)> = BTreeMap::new();
    let mut grants: BTreeMap<WorkerId, Vec<(Claim, Job)>> = BTreeMap::new();
    let (mut messages, mut settled) = (Steps::default(), Steps::default());
    for Next { job, effects, news, .. } in changed {
        core.recent.wrote(&job);
        job_telemetry::report(&job, &news);
        if job.state().is_ended() {
            if matches!(job.kind, JobKind::Train | JobKind::Trial) {
                // A search waits for its trials, and for the training of what it found.
                core.searches_changed.notify_one();
            }
            if job.kind == JobKind::Train {
                // A run of a schedule may have waited for it.
                core.runs_changed.notify_one();
            }
            core.progress().remove(&job.id);
            core.ended(job.id);
            if let Some(model) = concerned(&job) {
                core.stale.model(model);
            }
        }
        core.events.job(&job);
        for effect in effects {
            match effect {
                Effect::Ring { attempt } => {
                    let (score, batch) =
                        doorbells.entry(job.dispatch_pool().clone()).or_insert((job.score, Vec::new()));
                    *score = score.min(job.score);
                    batch.push(Doorbell {
                        job: job.id,
                        attempt,
                        trace: job.trace.map(|trace| trace.of_attempt(attempt)),
                    });
                }
                Effect::Grant { claim } => grants.entry(claim.worker).or_default().push((claim, job.clone())),
                Effect::Stop { claim, reason } => {
                    let stop = ToWorker::Stop { claim: claim.claim, reason: reason.into() };
                    messages.unless_away(outbox::send(core, claim.worker, &stop)).await;
                }
                Effect::Release { claim, reason } => {
                    let release =
                        ToWorker::Release { claim: claim.claim, reason: wording::text_in(Language::English, &reason) };
                    messages.unless_away(outbox::send(core, claim.worker, &release)).await;
                }
                Effect::Revoke { attempt } => {
                    // The store's trouble, not the bus's.
                    let settling = settle(core, job.id, attempt, "the job was cancelled");
                    settled.unless_away(alone(core, TaskName::Leases, job.id, settling)).await;
                }
                // The result was found by whoever records it.
                Effect::Record { .. } => {}
            }
        }
    }
    for (worker, granted) in grants {
        messages.unless_away(grant(core, worker, granted)).await;
    }
    for (pool, (score, batch)) in doorbells {
        core.fault.at(Step::Dispatched).await;
        core.bells.ring(pool, Level::of_score(score), batch);
    }
    messages.end.and(settled.end)
}

/// Steps that stand on the same service: once one finds it away, no further one is waited for. All of them are repeated.
struct Steps {
    end: Result<()>,
}

impl Default for Steps {
    fn default() -> Self {
        Self { end: Ok(()) }
    }
}

impl Steps {
    async fn unless_away<T>(&mut self, step: impl Future<Output = Result<T>>) {
        if self.end.is_ok() {
            self.end = step.await.map(drop);
        }
    }
}

/// The model whose decision depends on how a job has ended.
fn concerned(job: &Job) -> Option<&ModelKey> {
    match job.kind {
        JobKind::Train | JobKind::Evaluate => job.model.as_ref(),
        JobKind::Trial | JobKind::Monitor | JobKind::Predict | JobKind::Probe => None,
    }
}

/// Decides an attempt by its seal: given up, unless its result was first.
pub(crate) async fn settle(core: &Core, id: JobId, attempt: AttemptId, reason: &str) -> Result<()> {
    if core.fault.has(Mutant::NoSealCheck) {
        let _unchecked = Box::pin(command(core, id, Command::Revoked { attempt })).await?;
        return Ok(());
    }
    match artifact::revoke(core.ports.store.as_ref(), id, attempt, reason).await? {
        None => {
            let _what_no_longer_applies = Box::pin(command(core, id, Command::Revoked { attempt })).await?;
        }
        Some(_) => core.results.wanted(id),
    }
    Ok(())
}

/// A waiting job can never be done.
pub(crate) async fn hopeless(core: &Core, id: JobId, class: FailureClass, reason: &str) -> Result<()> {
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(mut job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    if !matches!(job.lifecycle.state, State::Queued { unsettled: None }) {
        return Ok(());
    }
    job.lifecycle.state = State::Failed { class };
    (job.ended_at, job.reason) = (Some(now), Some(JobReason::Unusable { message: reason.to_owned() }));
    db::jobs::save(&mut tx, &job).await?;
    tx.commit().await.map_err(db::Error::from)?;
    job.revision += 1;
    follow(core, vec![Next { job, effects: Vec::new(), ended: None, news: vec![News::Over] }]).await
}
