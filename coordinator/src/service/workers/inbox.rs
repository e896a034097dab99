//! What workers say: claims are answered, heartbeats reconciled with the rows, ends handed on. All coordinators listen, to know
//! the workers and to show progress; the leader alone answers.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use common::ports::{Cursor, LetterKind, Mailbox, set_aside};
use common::vocabulary::{ClaimId, FailureClass, Timestamp, WorkerId};
use common::wire::codec::{self, Limits};
use common::wire::{CheckpointRef, Claim, Finished, Heartbeat, Outcome, Progress, ToCoordinator, ToWorker};
use domain::due::elapsed;
use domain::transition::Command;
use newtype_uuid::GenericUuid;

use super::lease;
use crate::db::{self, jobs::Job};
use crate::service::error::Result;
use crate::service::jobs::{failing, lifecycle, slot_release};
use crate::service::runtime::background::{Rhythm, Task};
use crate::service::runtime::outbox::send;
use crate::service::runtime::{Core, alone};
use crate::service::serving::batch;
use crate::service::state::TaskName;
use crate::views::{Event, ProgressView};
use crate::wording::{self, Language};

/// Messages read at once: claims among them are answered in one transaction.
const BATCH: usize = 256;

/// Listens. What was said before it began is not needed: all of it is repeated.
#[derive(Default)]
pub(crate) struct Inbox {
    cursor: Option<Cursor>,
}

#[async_trait]
impl Task for Inbox {
    fn name(&self) -> TaskName {
        TaskName::Inbox
    }

    fn rhythm(&self, _: &Core) -> Rhythm {
        Rhythm::AtOnce
    }

    async fn round(&mut self, core: &Arc<Core>) -> Result<()> {
        round(core, &mut self.cursor).await.inspect_err(|_| self.cursor = None)
    }
}

async fn round(core: &Core, cursor: &mut Option<Cursor>) -> Result<()> {
    let after = match *cursor {
        Some(cursor) => cursor,
        None => core.ports.bus.tail(Mailbox::Coordinator).await?,
    };
    *cursor = Some(after);
    let posted = core.ports.bus.read(Mailbox::Coordinator, after, BATCH, core.lease.wait()).await?;
    let mut received = Received::default();
    for message in posted {
        *cursor = Some(message.cursor);
        match take_in(core, &message.body, &mut received).await {
            Err(error) if error.concerns_all() => return Err(error),
            // The others go on; whatever matters of this one is said again.
            Err(error) => tracing::warn!(%error, "what a worker says could not be taken in"),
            Ok(()) => {}
        }
    }
    let Received { claimed, declined, mut reasons, ends } = received;
    if !declined.is_empty() {
        let back = declined.into_iter().map(|claim| match reasons.remove(&claim.claim) {
            Some(reason) => (claim.job, Command::TurnDown { claim, reason }),
            None => (claim.job, Command::Decline(claim)),
        });
        let _what_no_longer_applies = lifecycle::commands(core, back.collect()).await?;
    }
    if !claimed.is_empty() {
        answer(core, claimed).await?;
    }
    if !ends.is_empty() {
        end(core, ends).await?;
    }
    core.has_listened();
    Ok(())
}

/// What a batch of messages comes to.
#[derive(Default)]
struct Received {
    claimed: Vec<Claim>,
    declined: Vec<Claim>,
    /// Why a worker will never start some of them.
    reasons: HashMap<ClaimId, String>,
    ends: Vec<Finished>,
}

/// Takes in one message.
async fn take_in(core: &Core, body: &[u8], received: &mut Received) -> Result<()> {
    let decoded = codec::decode(body, Limits::default());
    if let Ok(message) = &decoded {
        slot_release::observe(core, message).await;
    }
    match decoded {
        Ok(ToCoordinator::Heartbeat(heartbeat)) if !core.leads() => {
            insist_on_drain(core, &heartbeat).await?;
            core.fleet().receive(heartbeat, Timestamp::now());
        }
        Ok(ToCoordinator::Claim { .. } | ToCoordinator::Declined { .. } | ToCoordinator::Finished { .. })
            if !core.leads() => {}
        Ok(ToCoordinator::Claim { claims }) => received.claimed.extend(claims),
        Ok(ToCoordinator::Declined { claims, reason }) => {
            received
                .reasons
                .extend(reason.iter().flat_map(|why| claims.iter().map(move |claim| (claim.claim, why.clone()))));
            received.declined.extend(claims);
        }
        Ok(ToCoordinator::Heartbeat(heartbeat)) => {
            received.ends.extend(receive_heartbeat(core, heartbeat, &received.declined).await?)
        }
        Ok(ToCoordinator::Progress(progress)) => show_progress(core, progress).await?,
        Ok(ToCoordinator::Finished { ends }) => received.ends.extend(ends),
        // Every coordinator reads it; the leader keeps it.
        Err(error) if core.leads() => {
            set_aside(core.ports.bus.as_ref(), LetterKind::ToCoordinator, body, &error).await;
        }
        Err(_) => {}
    }
    Ok(())
}

/// Answers claims, all in one transaction: the rows name the claims first, the grants follow.
async fn answer(core: &Core, claims: Vec<Claim>) -> Result<()> {
    for claim in &claims {
        core.fleet().expect(claim.worker, Timestamp::now());
    }
    let commands = claims.iter().map(|claim| (claim.job, Command::Claim(*claim))).collect();
    let answers = lifecycle::commands(core, commands).await?;
    for (claim, answer) in claims.into_iter().zip(answers) {
        let reason = match answer {
            None => "there is no such job".to_owned(),
            Some(Err(rejected)) => rejected.to_string(),
            Some(Ok(())) => continue,
        };
        send(core, claim.worker, &ToWorker::Refuse { claim: claim.claim, reason }).await?;
    }
    Ok(())
}

/// Reconciles a heartbeat with the rows; answers with the ends it tells of. `declined`: what its worker has said before, and its rows do
/// not say yet.
async fn receive_heartbeat(core: &Core, heartbeat: Heartbeat, declined: &[Claim]) -> Result<Vec<Finished>> {
    let (worker, now) = (heartbeat.worker, Timestamp::now());
    if !core.fleet().receive(heartbeat.clone(), now) {
        return Ok(Vec::new());
    }
    insist_on_drain(core, &heartbeat).await?;
    lease::on_heartbeat(core, worker).await?;
    let running = db::backlog::held_by(&mut *core.db.read().await?, worker).await?;
    for held in &heartbeat.held {
        match running.get(&held.claim.job) {
            Some(job) if job.holder() == Some(held.claim) => {
                core.fleet().present(worker, held.claim.claim);
                keep_checkpoint(core, job, held.checkpoint.as_ref()).await?;
                if job.lifecycle.yielding {
                    let in_english = |reason| wording::text_in(Language::English, reason);
                    let reason = job.reason.as_ref().map(in_english).unwrap_or_default();
                    send(core, worker, &ToWorker::Release { claim: held.claim.claim, reason }).await?;
                }
            }
            Some(_) | None => {
                let reason = "its row names another claim".to_owned();
                send(core, worker, &ToWorker::Stop { claim: held.claim.claim, reason }).await?;
            }
        }
    }
    // Whoever says farewell holds nothing any more.
    let held = heartbeat.held.iter().filter(|_| !heartbeat.gone).map(|held| held.claim.claim);
    let ended = heartbeat.finished.iter().map(|end| end.claim).chain(declined.iter().copied());
    let named: HashSet<ClaimId> = held.chain(ended.map(|claim| claim.claim)).collect();
    for job in running.values() {
        let Some(claim) = job.holder().filter(|claim| !named.contains(&claim.claim)) else { continue };
        // A grant this young need not be in its worker's heartbeat yet.
        let beat = core.settings.dispatch.heartbeat.as_secs_f64();
        let young = job.started_at.is_some_and(|at| elapsed(at, now) < beat);
        let why = if heartbeat.gone { "its worker has ended" } else { "its worker no longer knows it" };
        if heartbeat.gone || !young && core.fleet().absent(worker, claim.claim) {
            let lost = lifecycle::failed(claim, FailureClass::Lost, why, None);
            let _what_no_longer_applies = lifecycle::command(core, claim.job, lost).await?;
        }
    }
    if heartbeat.free > 0 {
        core.backlog_changed.notify_one();
    }
    Ok(heartbeat.finished)
}

/// A worker that shall drain and does not say so has not heard of it.
async fn insist_on_drain(core: &Core, heartbeat: &Heartbeat) -> Result<()> {
    let asked = core.fleet().is_asked_to_drain(heartbeat.worker);
    if asked && !heartbeat.draining { send(core, heartbeat.worker, &ToWorker::Drain).await } else { Ok(()) }
}

/// Remembers where a running job could go on from.
async fn keep_checkpoint(core: &Core, job: &Job, newest: Option<&CheckpointRef>) -> Result<()> {
    let known = job.lifecycle.checkpoint.as_ref().map(|checkpoint| checkpoint.step);
    if newest.is_some_and(|newest| known.is_none_or(|known| newest.step > known)) {
        let mut job = job.clone();
        job.lifecycle.checkpoint = newest.cloned();
        let mut tx = core.db.begin().await?;
        // If the row has changed since it was read, the next heartbeat says it again.
        db::jobs::save(&mut tx, &job).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// Claims ended: their rows say so in one transaction, then their workers are told.
async fn end(core: &Core, ends: Vec<Finished>) -> Result<()> {
    let mut commands = Vec::with_capacity(ends.len());
    let mut recorded: BTreeMap<WorkerId, BTreeSet<ClaimId>> = BTreeMap::new();
    for end in ends {
        if matches!(end.outcome, Outcome::Sealed) {
            core.fleet().ended(&end);
            core.backlog_changed.notify_one();
        }
        let Finished { claim, outcome, checkpoint, .. } = end;
        let command = match outcome {
            // Recording confirms it.
            Outcome::Sealed => {
                core.results.announced(claim);
                continue;
            }
            Outcome::Done => Command::Finish(claim),
            Outcome::Predicted { sha256 } => {
                // What is not kept now is told again.
                let kept = alone(core, TaskName::Inbox, claim.job, batch::predicted(core, claim.job, sha256)).await?;
                match kept {
                    None => continue,
                    Some(true) => Command::Finish(claim),
                    Some(false) => {
                        lifecycle::failed(claim, FailureClass::Lost, "a cleanup removed its predictions", checkpoint)
                    }
                }
            }
            Outcome::Discarded => {
                lifecycle::failed(claim, FailureClass::Lost, "the attempt had been given up", checkpoint)
            }
            Outcome::Failed { class, message } => {
                let failed = lifecycle::failed(claim, class, message, checkpoint);
                if !failing::is_settled(core, claim, &failed).await? {
                    continue;
                }
                failed
            }
        };
        // The hint and the heartbeat may come together.
        if recorded.entry(claim.worker).or_default().insert(claim.claim) {
            commands.push((claim.job, command));
        }
    }
    let _what_no_longer_applies = lifecycle::commands(core, commands).await?;
    for (worker, claims) in recorded {
        send(core, worker, &ToWorker::Recorded { claims: claims.into_iter().collect() }).await?;
    }
    Ok(())
}

/// Display only.
async fn show_progress(core: &Core, progress: Progress) -> Result<()> {
    let job = progress.claim.job;
    let Some(row) = db::jobs::get(&mut *core.db.read().await?, job).await? else { return Ok(()) };
    if row.holder() != Some(progress.claim) {
        return Ok(());
    }
    if core.leads()
        && (progress.curve.len() > row.curve.len()
            || progress.curve.len() < row.curve.len() && !progress.curve.is_empty())
    {
        let mut tx = core.db.begin().await?;
        db::jobs::set_curve(&mut tx, job, &progress.curve).await?;
        tx.commit().await.map_err(db::Error::from)?;
    }
    let view = ProgressView {
        phase: progress.phase,
        epoch: progress.epoch,
        epochs: progress.epochs,
        step: progress.step,
        steps: progress.steps,
        loss: progress.loss,
        seconds_left: progress.seconds_left,
    };
    core.progress().insert(job, view.clone());
    core.events.send(|| {
        let model = row.model.map(String::from).unwrap_or_default();
        Event::Progress { job: job.into_untyped_uuid(), model, progress: view }
    });
    Ok(())
}
