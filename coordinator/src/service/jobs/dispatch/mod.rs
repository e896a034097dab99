//! Dispatch: the best waiting jobs leave the backlog, as many as the workers can take now.
//!
//! The row is the truth and changes first; the doorbell follows. One that stays unclaimed while slots are free is rung again, as a
//! new attempt.

mod complete;
mod freeze_front;
mod front;

use std::time::Duration;

use common::vocabulary::{AttemptId, FailureClass, Pool, Timestamp};
use common::wire::MAX_DOORBELLS;
use domain::due::elapsed;
use domain::transition::{Command, State};

use self::complete::complete;
pub(crate) use self::freeze_front::freeze_front;
use self::front::{Window, front};
use super::lifecycle::{self, Next};
use crate::db::backlog::{Out, Ring};
use crate::db::{self, jobs::Job};
use crate::service::data::mend;
use crate::service::error::Result;
use crate::service::runtime::{Core, alone, backlogs};
use crate::service::state::TaskName;

/// How often the backlog is looked at when nobody rings.
pub(crate) const LOOK: Duration = Duration::from_millis(250);
/// Claims are repeated within this time: after an outage of the bus those that could not be heard come first, and no doorbell rings again
/// meanwhile. Each would only make the claim of the one before it stale.
const CLAIMS: Duration = Duration::from_secs(2);

/// Hands out what the workers can take now.
pub(crate) async fn round(core: &Core) -> Result<()> {
    let (backlogs, out) = {
        let mut reader = core.db.read().await?;
        (backlogs::open(core, &mut reader).await?, db::backlog::out(&mut reader).await?)
    };
    if core.bells.ring_in_vain() {
        // No job leaves the backlog while the queue is away.
        core.ports.queue.probe().await?;
    }
    ring_again(core, &out).await?;
    for backlog in backlogs {
        let window = Window::of(core, &backlog.dispatch_pool, &out);
        let front = front(core, &backlog, &window).await?;
        // One after the other: the better ones ring first.
        for batch in front.small.chunks(window.batch_size(front.small.len())) {
            hand_out_batch(core, batch, &backlog.dispatch_pool).await?;
        }
        for job in front.whole {
            let id = job.id;
            alone(core, TaskName::Dispatch, id, hand_out(core, job, &backlog.dispatch_pool)).await?;
        }
    }
    Ok(())
}

/// Doorbells that were not answered though slots are free ring again; those that ring where nobody should answer are taken back.
async fn ring_again(core: &Core, out: &Out) -> Result<()> {
    let is_free = |ring: &&Ring| core.fleet().free(&ring.dispatch_pool, &out.held) > 0;
    let (mut unanswered, waiting): (Vec<&Ring>, Vec<&Ring>) = out.rings.iter().partition(is_free);
    let now = Timestamp::now();
    let unclaimed_after = Duration::try_from_secs_f64(core.retry.unclaimed_after).unwrap_or_default();
    let hears = core.fleet().heard_for() >= CLAIMS.min(unclaimed_after);
    unanswered.retain(|ring| hears && elapsed(ring.at, now) >= core.retry.unclaimed_after);
    let (small, whole): (Vec<&Ring>, Vec<&Ring>) = unanswered.into_iter().partition(|ring| ring.small);
    for batch in small.chunks(MAX_DOORBELLS).chain(whole.chunks(1)) {
        let again = |ring: &&Ring| (ring.job, Command::Redispatch { attempt: AttemptId::new_v4() });
        let _claimed_meanwhile = lifecycle::commands(core, batch.iter().map(again).collect()).await?;
    }
    for ring in waiting.into_iter().filter(|ring| backlogs::strays(core, ring)) {
        let _claimed_meanwhile = lifecycle::command(core, ring.job, Command::Recall { attempt: ring.attempt }).await?;
    }
    Ok(())
}

/// Small jobs leave the backlog together: they are claimed by one slot, and done one after the other.
async fn hand_out_batch(core: &Core, batch: &[Job], dispatch_pool: &Pool) -> Result<()> {
    let now = Timestamp::now();
    let dispatch =
        |job: &Job| lifecycle::next(core, job, &Command::Dispatch { attempt: AttemptId::new_v4() }, now).ok();
    let mut leaving: Vec<Next> = batch.iter().filter_map(dispatch).collect();
    // They leave no seals: a dispatch that a power cut undoes is made again.
    let mut tx = core.db.begin_lazily().await?;
    // All of a batch are of one pool, and of no model: what holds one holds all.
    let Some(first) = batch.first() else { return Ok(()) };
    if db::pauses::hold(&mut tx, first, dispatch_pool).await? {
        return Ok(());
    }
    let written = lifecycle::write(&mut tx, leaving.iter_mut().collect()).await?;
    tx.commit().await.map_err(db::Error::from)?;
    // Who has changed since they were read is looked at again.
    leaving.retain(|next| written.contains(&next.job.id));
    lifecycle::follow(core, leaving).await
}

/// One job leaves the backlog: the seal of the attempt before first, then the row, then the doorbell.
async fn hand_out(core: &Core, seen: Job, dispatch_pool: &Pool) -> Result<()> {
    if let State::Queued { unsettled: Some(before) } = seen.lifecycle.state {
        return lifecycle::settle(core, seen.id, before, "the job is handed out again").await;
    }
    // What an attempt has failed of may be lost rows.
    if let Some(spec) = seen.spec.as_ref().filter(|_| seen.lifecycle.burnt > 0) {
        mend::snapshots(core, &spec.snapshots()).await?;
    }
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let job = db::jobs::get(&mut tx, seen.id).await?;
    // Without a spec it has been made anew meanwhile: it is frozen first.
    let Some(mut job) = job.filter(|job| job.spec.is_some()) else { return Ok(()) };
    if db::pauses::hold(&mut tx, &job, dispatch_pool).await? {
        return Ok(());
    }
    job.stand_in = Some(dispatch_pool).filter(|dispatch_pool| **dispatch_pool != job.pool).cloned();
    let dispatch = Command::Dispatch { attempt: AttemptId::new_v4() };
    let Ok(mut next) = lifecycle::next(core, &job, &dispatch, now) else { return Ok(()) };
    // One that was made anew is as one that nobody has ever had.
    if (job.lifecycle.number == 0 || job.dispatched_at.is_none())
        && let Err(alien) = complete(core, &mut tx, &mut next.job).await?
    {
        drop(tx);
        return lifecycle::hopeless(core, seen.id, FailureClass::Code, &alien.to_string()).await;
    }
    lifecycle::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.front_changed.notify_one();
    lifecycle::follow(core, vec![next]).await
}
