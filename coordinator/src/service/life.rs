//! Commands meet rows: each transition of a job's life in one transaction with what its attempts become, then its effects.
//!
//! What may happen when is said by [`crate::domain::transition`] alone; here it is only carried out. Commands to many jobs share a
//! transaction, and their effects share messages.

use std::collections::{BTreeMap, HashMap, HashSet};

use common::ports::Level;
use common::telemetry;
use common::vocabulary::{AttemptId, FailureClass, JobId, JobKind, ModelKey, Pool, Timestamp, WorkerId};
use common::wire::{CheckpointRef, Claim, Doorbell, ToWorker};

use super::background::TaskName;
use super::core::Core;
use super::fault::{Mutant, Step};
use super::tell::{self, News};
use super::trouble::alone;
use super::{Result, artifact, inbox, record};
use crate::db::attempts::{self, Ended};
use crate::db::{self, Connection, jobs::Job};
use crate::domain::transition::{Command, Effect, Rejected, State, transition};

/// A claim ended without a result.
pub(super) fn failed(
    claim: Claim,
    class: FailureClass,
    message: impl Into<String>,
    checkpoint: Option<CheckpointRef>,
) -> Command {
    Command::Fail { claim, class, message: message.into(), checkpoint, jitter: jitter() }
}

/// The attempt sealed something that cannot be used.
pub(super) fn unusable(attempt: AttemptId, message: impl Into<String>) -> Command {
    Command::Unusable { attempt, message: message.into(), jitter: jitter() }
}

/// A draw from 0..1; it only spreads retries.
fn jitter() -> f64 {
    f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX)
}

/// What became of a command: it applied, or it changed nothing.
pub(super) type Applied = std::result::Result<(), Rejected>;

/// A job after a command, not written yet.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) job: Job,
    pub(super) effects: Vec<Effect>,
    ended: Option<Ended>,
    news: Vec<News>,
}

/// What a command does to a job, with what its attempt becomes and the words that explain it.
pub(super) fn next(core: &Core, job: &Job, command: &Command, now: Timestamp) -> std::result::Result<Next, Rejected> {
    if let Command::Claim(claim) = command
        && !core.fleet().suits(claim.worker, &job.needs())
    {
        return Err(Rejected::Unsuited);
    }
    let (life, effects) = transition(&job.life, command, &core.retry, now)?;
    let (ended, mut news) = (ended(job, command, now), Vec::new());
    if matches!(command, Command::Claim(_)) && job.life.number == 0 {
        news.push(News::Claimed { waited: now.seconds_since(job.enqueued_at) });
    }
    let mut job = Job { life, ..note(job, command, now) };
    if job.state().is_ended() {
        job.ended_at = Some(now);
        news.push(News::Over);
    }
    Ok(Next { job, effects, ended, news })
}

/// The job with what a command means for its explanation.
fn note(before: &Job, command: &Command, now: Timestamp) -> Job {
    let mut job = before.clone();
    match command {
        Command::Claim(_) if before.holder().is_none() => {
            job.started_at = Some(now);
            job.resumed_from = job.life.checkpoint.as_ref().map(|checkpoint| checkpoint.step);
            job.why.clear();
        }
        Command::Fail { class, message, .. } => {
            job.why = format!("attempt {} ended as {class}: {message}", before.life.number);
        }
        Command::Finish(_) => job.why = "done".into(),
        Command::Unusable { message, .. } => job.why = message.clone(),
        Command::Cancel => job.why = "somebody cancelled it".into(),
        Command::Yield { reason, .. } => job.why = reason.clone(),
        Command::Dispatch { .. } | Command::Redispatch { .. } => job.dispatched_at = Some(now),
        Command::Recall { .. }
        | Command::Claim(_)
        | Command::Decline(_)
        | Command::Sealed { .. }
        | Command::Revoked { .. }
        | Command::Judge => {}
    }
    job
}

/// The attempt that ends by a command to the job as it was before, if one does.
fn ended(job: &Job, command: &Command, now: Timestamp) -> Option<Ended> {
    let (attempt, outcome, message) = match command {
        Command::Redispatch { .. } => (job.under_way()?.id, "unclaimed", None),
        Command::Decline(claim) => (claim.attempt, "declined", None),
        Command::Recall { attempt } => (*attempt, "recalled", None),
        Command::Fail { claim, class, message, .. } => (claim.attempt, class.as_str(), Some(message)),
        Command::Finish(claim) => (claim.attempt, "result", None),
        Command::Sealed { attempt, .. } => (*attempt, "result", None),
        Command::Revoked { attempt } => (*attempt, "revoked", None),
        Command::Unusable { attempt, message, .. } => (*attempt, "unusable", Some(message)),
        Command::Cancel => match (&job.life.state, job.life.sealed) {
            (State::Dispatched { attempt, .. }, _) | (State::Running { claim: Claim { attempt, .. } }, false) => {
                (*attempt, "cancelled", None)
            }
            // One that was claimed and leaves a seal ends when that is decided.
            _ => return None,
        },
        Command::Dispatch { .. } | Command::Claim(_) | Command::Yield { .. } | Command::Judge => return None,
    };
    let attempt = job.attempt(attempt);
    Some(Ended { attempt, at: now, outcome: outcome.to_owned(), message: message.cloned() })
}

/// Gives a command to a job, and carries out what follows. What does not apply changes nothing, and is answered.
pub(super) async fn command(core: &Core, id: JobId, command: Command) -> Result<Applied> {
    Ok(commands(core, vec![(id, command)]).await?.pop().flatten().unwrap_or(Ok(())))
}

/// Gives commands to jobs, in one transaction, and carries out what follows. Each is answered, unless there is no such job.
pub(super) async fn commands(core: &Core, wishes: Vec<(JobId, Command)>) -> Result<Vec<Option<Applied>>> {
    let mut answers = vec![None; wishes.len()];
    let mut done = Vec::with_capacity(wishes.len());
    let mut open: Vec<(usize, JobId, Command)> =
        wishes.into_iter().enumerate().map(|(place, (id, command))| (place, id, command)).collect();
    while !open.is_empty() {
        let now = Timestamp::now();
        let ids: Vec<JobId> = open.iter().map(|(_, id, _)| *id).collect();
        let (rows, remembered) = rows(core, &ids).await?;
        // A job's second command is for the row that the first leaves.
        let (mut turn, mut later, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (place, id, command) in open {
            match rows.get(&id) {
                None => {}
                Some(_) if !seen.insert(id) => later.push((place, id, command)),
                Some(job) => match next(core, job, &command, now) {
                    Ok(next) => turn.push(Turn { place, command, changes: next.job != *job, next }),
                    // The row itself may say otherwise.
                    Err(_) if remembered.contains(&id) => later.push((place, id, command)),
                    Err(rejected) => {
                        tracing::debug!(job = %id, ?command, %rejected, "nothing changes");
                        answers[place] = Some(Err(rejected));
                    }
                },
            }
        }
        let changed = turn.iter_mut().filter(|turn| turn.changes).map(|turn| &mut turn.next).collect();
        let written = write_all(core, changed).await?;
        for Turn { place, command, next, changes } in turn {
            // Somebody else changed the row meanwhile: its command meets what that left.
            if changes && !written.contains(&next.job.id) {
                later.push((place, next.job.id, command));
                continue;
            }
            tracing::debug!(job = %next.job.id, state = %next.job.state(), ?command, "the job goes on");
            answers[place] = Some(Ok(()));
            done.push(next);
        }
        open = later;
    }
    // The rows say what has become of them, whatever comes of the rest: a loop finds what is still to do.
    if let Err(error) = follow(core, done).await {
        tracing::warn!(%error, "what follows from a change is done a moment later");
    }
    Ok(answers)
}

/// Jobs by their rows, and which of them are from memory.
async fn rows(core: &Core, ids: &[JobId]) -> Result<(HashMap<JobId, Job>, HashSet<JobId>)> {
    let mut rows = core.recent.take(ids);
    let remembered: HashSet<JobId> = rows.keys().copied().collect();
    let unknown: Vec<JobId> = ids.iter().copied().filter(|id| !remembered.contains(id)).collect();
    if !unknown.is_empty() {
        rows.extend(db::jobs::get_all(&mut *core.db.read().await?, &unknown).await?);
    }
    Ok((rows, remembered))
}

/// A command in its turn.
struct Turn {
    place: usize,
    command: Command,
    next: Next,
    changes: bool,
}

async fn write_all(core: &Core, changed: Vec<&mut Next>) -> Result<HashSet<JobId>> {
    if changed.is_empty() {
        return Ok(HashSet::new());
    }
    // A job without artifacts that is lost is run again: until it has ended, its row may lag behind what is on disk.
    let can_be_repeated = |next: &&mut Next| !next.job.life.sealed && !next.job.state().is_ended();
    let mut tx =
        if changed.iter().all(can_be_repeated) { core.db.begin_lazily().await? } else { core.db.begin().await? };
    let written = write(&mut tx, changed).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(written)
}

/// Writes jobs and their attempts in the caller's transaction; says which rows were still as they had been read.
pub(super) async fn write(tx: &mut Connection, changed: Vec<&mut Next>) -> Result<HashSet<JobId>> {
    let jobs: Vec<&Job> = changed.iter().map(|next| &next.job).collect();
    let written = db::jobs::advance(tx, &jobs).await?;
    let mut changed: Vec<&mut Next> = changed.into_iter().filter(|next| written.contains(&next.job.id)).collect();
    for next in &mut changed {
        next.job.revision += 1;
    }
    keep_ended(tx, changed).await?;
    Ok(written)
}

/// Writes a job of which more than its life has changed, and its attempts, in the caller's transaction.
pub(super) async fn write_whole(tx: &mut Connection, next: &mut Next) -> Result<bool> {
    let written = db::jobs::save(tx, &next.job).await?;
    if written {
        next.job.revision += 1;
        keep_ended(tx, vec![next]).await?;
    }
    Ok(written)
}

async fn keep_ended(tx: &mut Connection, changed: Vec<&mut Next>) -> Result<()> {
    let ended: Vec<&Ended> = changed.iter().filter_map(|next| next.ended.as_ref()).collect();
    let kept = attempts::keep(tx, &ended).await?;
    for next in changed {
        if let Some(ended) = next.ended.take_if(|ended| telemetry::is_on() && kept.contains(&ended.attempt.id)) {
            next.news.push(tell::attempt_ended(tx, &next.job, ended).await?);
        }
    }
    Ok(())
}

/// Carries out what follows from changes that are committed. If it is cut short here, the loops find the rows and do it again.
///
/// # Errors
/// Something of it could not be done now. Everything else has been.
pub(super) async fn follow(core: &Core, changed: Vec<Next>) -> Result<()> {
    core.line_changed.notify_one();
    let mut doorbells: BTreeMap<Pool, (f64, Vec<Doorbell>)> = BTreeMap::new();
    let mut grants: BTreeMap<WorkerId, Vec<(Claim, Job)>> = BTreeMap::new();
    let (mut told, mut settled) = (Steps::default(), Steps::default());
    for Next { job, effects, news, .. } in changed {
        core.recent.wrote(&job);
        tell::tell(&job, &news);
        if job.state().is_ended() {
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
                    let (score, strip) = doorbells.entry(job.place().clone()).or_insert((job.score, Vec::new()));
                    *score = score.min(job.score);
                    strip.push(Doorbell {
                        job: job.id,
                        attempt,
                        trace: job.trace.map(|trace| trace.of_attempt(attempt)),
                    });
                }
                Effect::Grant { claim } => grants.entry(claim.worker).or_default().push((claim, job.clone())),
                Effect::Stop { claim, reason } => {
                    let stop = ToWorker::Stop { claim: claim.claim, reason: reason.into() };
                    told.unless_away(inbox::tell(core, claim.worker, &stop)).await;
                }
                Effect::Release { claim, reason } => {
                    let release = ToWorker::Release { claim: claim.claim, reason };
                    told.unless_away(inbox::tell(core, claim.worker, &release)).await;
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
        told.unless_away(inbox::grant(core, worker, granted)).await;
    }
    for (pool, (score, strip)) in doorbells {
        core.fault.at(Step::Dispatched).await;
        core.bells.ring(pool, Level::of_score(score), strip);
    }
    told.end.and(settled.end)
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
        JobKind::Monitor | JobKind::Predict | JobKind::Probe => None,
    }
}

/// Decides an attempt by its seal: given up, unless its result was first.
pub(super) async fn settle(core: &Core, id: JobId, attempt: AttemptId, reason: &str) -> Result<()> {
    if core.fault.has(Mutant::NoSealCheck) {
        let _unchecked = Box::pin(command(core, id, Command::Revoked { attempt })).await?;
        return Ok(());
    }
    match artifact::revoke(core.ports.store.as_ref(), id, attempt, reason).await? {
        None => {
            let _what_no_longer_applies = Box::pin(command(core, id, Command::Revoked { attempt })).await?;
        }
        Some(_) => record::wanted(core, id),
    }
    Ok(())
}

/// A waiting job can never be done.
pub(super) async fn hopeless(core: &Core, id: JobId, class: FailureClass, why: &str) -> Result<()> {
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(mut job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    if !matches!(job.life.state, State::Queued { unsettled: None }) {
        return Ok(());
    }
    job.life.state = State::Failed { class, message: why.to_owned() };
    (job.ended_at, job.why) = (Some(now), why.to_owned());
    db::jobs::save(&mut tx, &job).await?;
    tx.commit().await.map_err(db::Error::from)?;
    job.revision += 1;
    follow(core, vec![Next { job, effects: Vec::new(), ended: None, news: vec![News::Over] }]).await
}
