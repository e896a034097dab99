//! Dispatch: the best waiting jobs leave the line, as many as the workers can take now.
//!
//! The row is the truth and changes first; the doorbell follows. One that stays unclaimed while slots are free is rung again, as a
//! new attempt.

use std::collections::HashSet;
use std::time::Duration;

use common::vocabulary::{
    AlienPart, ArtifactRef, AttemptId, Contestants, FailureClass, JobSpec, Mode, ModelKey, Pool, Snapshot, TablePart,
    Timestamp, TrainSpec,
};
use common::wire::MAX_STRIP;
use tokio::time::Instant;

use super::background::TaskName;
use super::core::Core;
use super::fault::Mutant;
use super::life::{self, Next};
use super::lines::Line;
use super::trouble::alone;
use super::{Error, Result, freeze, lines, mend};
use crate::db::changes::{LogPosition, Mark, Span};
use crate::db::line::{Out, Ring};
use crate::db::models::Model;
use crate::db::{self, Connection, Scope, jobs::Job, versions::Version};
use crate::domain::decide::{Continuation, FromScratch};
use crate::domain::due::elapsed;
use crate::domain::transition::{Command, State};

/// Jobs beyond the free slots that are kept frozen.
const READY: u32 = 4;
/// How long a job at the front is waited for while its data are frozen.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the line is looked at when nobody rings.
pub(super) const LOOK: Duration = Duration::from_millis(250);
/// Claims are repeated within this time: after an outage of the bus those that could not be heard come first, and no doorbell rings again
/// meanwhile. Each would only make the claim of the one before it stale.
const CLAIMS: Duration = Duration::from_secs(2);

/// Freezes what is near the front of each line, best first.
pub(super) async fn freeze_front(core: &Core) -> Result<()> {
    for pool in db::line::pools(&mut *core.db.read().await?).await? {
        let mut tried = HashSet::new();
        loop {
            let front = {
                let mut reader = core.db.read().await?;
                let held = db::line::held(&mut reader).await?;
                let count = core.fleet().free(&pool, &held) + READY;
                db::line::first(&mut reader, &pool, count, Timestamp::now(), core.retry.backoff_cap).await?
            };
            // Looked at again after each: a better one may have come meanwhile.
            let next = front.into_iter().find(|job| job.spec.is_none() && !tried.contains(&job.id));
            let Some(job) = next else { break };
            tried.insert(job.id);
            alone(core, TaskName::Freeze, job.id, freeze(core, job)).await?;
        }
    }
    Ok(())
}

/// Freezes the data of one job; one that cannot be trained on them never can.
async fn freeze(core: &Core, job: Job) -> Result<()> {
    let id = job.id;
    core.freezing().entry(id).or_insert_with(Instant::now);
    match freeze::job(core, job).await {
        Ok(()) => drop(core.freezing().remove(&id)),
        Err(Error::Refused { why }) => life::hopeless(core, id, FailureClass::Data, &why).await?,
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Hands out what the workers can take now.
pub(super) async fn round(core: &Core) -> Result<()> {
    let (lines, out) = {
        let mut reader = core.db.read().await?;
        (lines::open(core, &mut reader).await?, db::line::out(&mut reader).await?)
    };
    if core.rings_in_vain() {
        // Nothing leaves the line for a queue that is away.
        core.ports.queue.probe().await?;
    }
    ring_again(core, &out).await?;
    for line in lines {
        let window = Window::of(core, &line.place, &out);
        let front = front(core, &line, &window).await?;
        // One after the other: the better ones ring first.
        for strip in front.small.chunks(window.strip(front.small.len())) {
            hand_out_strip(core, strip, &line.place).await?;
        }
        for job in front.whole {
            let id = job.id;
            alone(core, TaskName::Dispatch, id, hand_out(core, job, &line.place)).await?;
        }
    }
    Ok(())
}

/// Doorbells that were not answered though slots are free ring again; those that ring where nobody should answer are taken back.
async fn ring_again(core: &Core, out: &Out) -> Result<()> {
    let is_free = |ring: &&Ring| core.fleet().free(&ring.place, &out.held) > 0;
    let (mut unanswered, waiting): (Vec<&Ring>, Vec<&Ring>) = out.rings.iter().partition(is_free);
    let now = Timestamp::now();
    let unclaimed_after = Duration::try_from_secs_f64(core.retry.unclaimed_after).unwrap_or_default();
    let hears = core.fleet().heard_for() >= CLAIMS.min(unclaimed_after);
    unanswered.retain(|ring| hears && elapsed(ring.at, now) >= core.retry.unclaimed_after);
    let (small, whole): (Vec<&Ring>, Vec<&Ring>) = unanswered.into_iter().partition(|ring| ring.small);
    for strip in small.chunks(MAX_STRIP).chain(whole.chunks(1)) {
        let again = |ring: &&Ring| (ring.job, Command::Redispatch { attempt: AttemptId::new_v4() });
        let _claimed_meanwhile = life::commands(core, strip.iter().map(again).collect()).await?;
    }
    for ring in waiting.into_iter().filter(|ring| lines::strays(core, ring)) {
        let _claimed_meanwhile = life::command(core, ring.job, Command::Recall { attempt: ring.attempt }).await?;
    }
    Ok(())
}

/// How many jobs may leave the line of a pool now: never more than its workers can take soon, so that the order of the line holds.
struct Window {
    /// Live slots.
    slots: usize,
    /// Slots that nobody has been sent to.
    free: usize,
    /// Small jobs, a strip ahead for each slot: what is over in a moment need not wait for the round trip.
    small: usize,
    /// No small job is out.
    nothing_out: bool,
}

impl Window {
    fn of(core: &Core, place: &Pool, out: &Out) -> Self {
        let (slots, free) = {
            let fleet = core.fleet();
            (fleet.slots(place) as usize, fleet.free(place, &out.held) as usize)
        };
        let here = || out.rings.iter().filter(|ring| ring.place == *place);
        let small = here().filter(|ring| ring.small).count();
        let taken = here().count() - small + small.div_ceil(MAX_STRIP);
        // Whole strips only, once some are out: else each that is claimed would let a shorter one follow.
        let room = (slots * MAX_STRIP).saturating_sub(small);
        let room = if small == 0 { room } else { room / MAX_STRIP * MAX_STRIP };
        Self { slots, free: free.saturating_sub(taken), small: room, nothing_out: small == 0 }
    }

    /// The length of strips that so many small jobs are parted into: where nothing is out, all slots get some.
    fn strip(&self, jobs: usize) -> usize {
        if self.nothing_out { jobs.div_ceil(self.slots.max(1)).clamp(1, MAX_STRIP) } else { MAX_STRIP }
    }
}

/// Jobs that leave the line together.
#[derive(Default)]
struct Front {
    small: Vec<Job>,
    whole: Vec<Job>,
}

/// The best jobs that can go now. One whose data are still being frozen is waited for a moment, then passed over.
async fn front(core: &Core, line: &Line, window: &Window) -> Result<Front> {
    let mut front = Front::default();
    if window.free == 0 && window.small == 0 {
        return Ok(front);
    }
    let read = async |count: usize| line.first(core, &mut *core.db.read().await?, count as u32).await;
    // Where another pool stands in, each job is handed out by itself.
    let is_small = |job: &Job| job.pool == line.place && job.spec.as_ref().is_some_and(JobSpec::is_small);
    let few = window.free + READY as usize;
    let mut first = read(few).await?;
    if first.len() == few && first.first().is_some_and(is_small) {
        first = read(window.small.max(few)).await?;
    }
    for job in first.into_iter().filter(|job| !job.life.cancelling) {
        let room = if is_small(&job) { front.small.len() < window.small } else { front.whole.len() < window.free };
        match &job.spec {
            _ if !room => break,
            Some(_) if is_small(&job) => front.small.push(job),
            Some(_) => front.whole.push(job),
            None => {
                core.front_changed.notify_one();
                let slow = core.freezing().get(&job.id).is_some_and(|since| since.elapsed() > PATIENCE);
                if !slow {
                    break;
                }
                tracing::info!(job = %job.id, "passed over: its data are still being frozen");
            }
        }
    }
    Ok(front)
}

/// Small jobs leave the line together: they are claimed by one slot, and done one after the other.
async fn hand_out_strip(core: &Core, strip: &[Job], place: &Pool) -> Result<()> {
    let now = Timestamp::now();
    let dispatch = |job: &Job| life::next(core, job, &Command::Dispatch { attempt: AttemptId::new_v4() }, now).ok();
    let mut leaving: Vec<Next> = strip.iter().filter_map(dispatch).collect();
    // They leave no seals: a dispatch that a power cut undoes is made again.
    let mut tx = core.db.begin_lazily().await?;
    // All of a strip are of one pool, and of no model: what holds one holds all.
    let Some(first) = strip.first() else { return Ok(()) };
    if db::pauses::hold(&mut tx, first, place).await? {
        return Ok(());
    }
    let written = life::write(&mut tx, leaving.iter_mut().collect()).await?;
    tx.commit().await.map_err(db::Error::from)?;
    // Who has changed since they were read is looked at again.
    leaving.retain(|next| written.contains(&next.job.id));
    life::follow(core, leaving).await
}

/// One job leaves the line: the seal of the attempt before first, then the row, then the doorbell.
async fn hand_out(core: &Core, seen: Job, place: &Pool) -> Result<()> {
    if let State::Queued { unsettled: Some(before) } = seen.life.state {
        return life::settle(core, seen.id, before, "the job is handed out again").await;
    }
    // What an attempt has failed of may be lost rows.
    if let Some(spec) = seen.spec.as_ref().filter(|_| seen.life.burnt > 0) {
        mend::snapshots(core, &spec.snapshots()).await?;
    }
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let job = db::jobs::get(&mut tx, seen.id).await?;
    // Without a spec it has been made anew meanwhile: it is frozen first.
    let Some(mut job) = job.filter(|job| job.spec.is_some()) else { return Ok(()) };
    if db::pauses::hold(&mut tx, &job, place).await? {
        return Ok(());
    }
    job.stand_in = Some(place).filter(|place| **place != job.pool).cloned();
    let dispatch = Command::Dispatch { attempt: AttemptId::new_v4() };
    let Ok(mut next) = life::next(core, &job, &dispatch, now) else { return Ok(()) };
    // One that was made anew is as one that nobody has ever had.
    if (job.life.number == 0 || job.dispatched_at.is_none())
        && let Err(alien) = complete(core, &mut tx, &mut next.job).await?
    {
        drop(tx);
        return life::hopeless(core, seen.id, FailureClass::Code, &alien.to_string()).await;
    }
    life::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.front_changed.notify_one();
    life::follow(core, vec![next]).await
}

/// Fills in what is only known now: the live versions to start from and to be scored against. An incremental training without a
/// live version, or with one that reads and is built otherwise, becomes a complete one. What then is of two families is named.
async fn complete(core: &Core, tx: &mut Connection, job: &mut Job) -> Result<std::result::Result<(), AlienPart>> {
    let Some(key) = job.model.clone() else { return Ok(Ok(())) };
    let Some(mut spec) = job.spec.take() else { return Ok(Ok(())) };
    let Some(model) = db::models::get(tx, &key).await? else { return Err(Error::not_found(format!("model {key}"))) };
    let live = match model.live {
        Some(number) => db::versions::get(tx, &key, number).await?,
        None => None,
    };
    let champion = live.as_ref().map(Version::artifact);
    let contestants = Contestants { champion: champion.clone(), universal: universal(core, tx, &model).await? };
    match &mut spec {
        JobSpec::Train(spec) if spec.reproduces.is_some() => {}
        JobSpec::Train(spec) => {
            if spec.mode == Mode::Incremental {
                match from_scratch(tx, spec, live.as_ref()).await? {
                    None => spec.parent = champion,
                    Some(why) => {
                        spec.mode = Mode::Complete;
                        job.mode = Some(Mode::Complete);
                        job.why = format!("complete instead of incremental: {why}");
                    }
                }
            }
            spec.contestants = contestants;
        }
        JobSpec::Evaluate(spec) => spec.contestants = contestants,
        JobSpec::Monitor(_) | JobSpec::Predict(_) | JobSpec::Probe(_) => {}
    }
    job.champion_seq = model.live_seq;
    let agreed = spec.agrees();
    job.spec = Some(spec);
    Ok(agreed)
}

/// Why an incremental training cannot go on from the live version: the rule of the decision, on what is true now.
async fn from_scratch(
    tx: &mut Connection,
    spec: &TrainSpec,
    live: Option<&Version>,
) -> db::Result<Option<FromScratch>> {
    let continuation = match live {
        None => Continuation { live: false, same_shape: false, revised: false, forgotten: false },
        Some(live) => Continuation {
            live: true,
            same_shape: live.manifest.shape() == spec.shape(),
            revised: revised(tx, live).await?,
            forgotten: forgotten(tx, spec, live).await?,
        },
    };
    Ok(continuation.breaks())
}

/// Whether bars that a version was given have been corrected since.
async fn revised(tx: &mut Connection, live: &Version) -> db::Result<bool> {
    match live.manifest.snapshot {
        Snapshot::Bars { .. } => {
            let series = db::bars::series_of(tx, Scope::Of(std::slice::from_ref(&live.model))).await?;
            Ok(series.values().any(|series| series.revised > live.data_import))
        }
        Snapshot::Table { .. } => Ok(false),
    }
}

/// Whether rows that a version was given have been deleted or changed since, and it cannot forget them.
async fn forgotten(tx: &mut Connection, spec: &TrainSpec, live: &Version) -> db::Result<bool> {
    let (Snapshot::Table { dataset, parts, .. }, false) = (&spec.snapshot, spec.hyper.family().can_forget()) else {
        return Ok(false);
    };
    let Some(dataset) = db::datasets::get(tx, dataset).await? else { return Ok(false) };
    let Some(given) = Mark::of(&live.manifest.snapshot) else { return Ok(false) };
    let upto = LogPosition(parts.last().map_or(0, TablePart::last_seq));
    let span = Span { dataset: dataset.id, after: given.entry, upto };
    let changes = db::changes::changes(tx, &[span]).await?;
    Ok(changes.get(&dataset.id).is_some_and(|changes| changes.since(given).changed > 0))
}

/// The live version of the family's universal model, as a further contestant of each of its others.
async fn universal(core: &Core, tx: &mut Connection, model: &Model) -> Result<Option<ArtifactRef>> {
    let alien = core.fault.has(Mutant::AlienUniversal).then(ModelKey::universal_forecaster);
    let universal = alien.or(model.hyper.family().universal()).filter(|universal| *universal != model.key);
    let Some(universal) = universal else { return Ok(None) };
    let live = db::models::get(tx, &universal).await?.and_then(|model| model.live);
    match live {
        Some(number) => Ok(db::versions::get(tx, &universal, number).await?.map(|version| version.artifact())),
        None => Ok(None),
    }
}
