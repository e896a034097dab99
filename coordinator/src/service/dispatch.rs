//! Dispatch: the best waiting jobs leave the line, as many as the workers can take now.
//!
//! The row is the truth and changes first; the doorbell follows. One that stays unclaimed while slots are free is rung again, as a
//! new attempt.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use common::vocabulary::{ArtifactRef, AttemptId, Contestants, JobSpec, JobState, Mode, ModelKey, Pool, Timestamp};
use tokio::time::Instant;

use super::backoff::Backoff;
use super::core::Core;
use super::lines::Line;
use super::{Error, Result, freeze, life, lines};
use crate::db::{self, Connection, jobs::Job};
use crate::domain::transition::{Command, State};

/// Jobs beyond the free slots that are kept frozen.
const READY: u32 = 4;
/// How long a job at the front is waited for while its data are frozen.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the line is looked at when nobody rings.
const LOOK: Duration = Duration::from_millis(250);

/// Hands out work until the coordinator stops.
pub(super) async fn run(core: Arc<Core>) {
    let mut backoff = Backoff::new();
    loop {
        let done = round(&core).await;
        if let Err(error) = &done {
            tracing::warn!(%error, "dispatch will try again");
        }
        backoff.after(&done).await;
        let _rung_or_time = tokio::time::timeout(LOOK, core.line_changed.notified()).await;
    }
}

/// Keeps the jobs near the front of the line frozen until the coordinator stops.
pub(super) async fn keep_frozen(core: Arc<Core>) {
    let mut backoff = Backoff::new();
    loop {
        let done = freeze_front(&core).await;
        if let Err(error) = &done {
            tracing::warn!(%error, "freezing will try again");
        }
        backoff.after(&done).await;
        let _rung_or_time = tokio::time::timeout(LOOK, core.front_changed.notified()).await;
    }
}

/// Freezes what is near the front of each line, best first.
async fn freeze_front(core: &Core) -> Result<()> {
    for pool in db::line::pools(&mut *core.db.read().await?).await? {
        let mut failed = HashSet::new();
        loop {
            let front = {
                let mut reader = core.db.read().await?;
                let held = db::line::held(&mut reader).await?;
                let count = core.fleet().free(&pool, &held) + READY;
                db::line::first(&mut reader, &pool, count, Timestamp::now()).await?
            };
            // Looked at again after each: a better one may have come meanwhile.
            let next = front.into_iter().find(|job| job.spec.is_none() && !failed.contains(&job.id));
            let Some(job) = next else { break };
            let id = job.id;
            core.freezing().entry(id).or_insert_with(Instant::now);
            match freeze::job(core, job).await {
                Ok(()) => drop(core.freezing().remove(&id)),
                Err(Error::Refused { why }) => life::hopeless(core, id, &why).await?,
                Err(error) => {
                    tracing::warn!(job = %id, %error, "its data could not be frozen; it is tried again");
                    failed.insert(id);
                }
            }
        }
    }
    Ok(())
}

async fn round(core: &Core) -> Result<()> {
    let (lines, held, under_way) = {
        let mut view = core.db.snapshot().await?;
        (lines::open(core, &mut view).await?, db::line::held(&mut view).await?, db::line::under_way(&mut view).await?)
    };
    let unclaimed: Vec<&Job> = under_way.iter().filter(|job| job.state() == JobState::Dispatched).collect();
    for job in &unclaimed {
        if core.fleet().free(job.place(), &held) > 0 {
            // Too early, mostly.
            let _not_yet = life::command(core, job.id, Command::Redispatch { attempt: AttemptId::new_v4() }).await?;
        } else if let (true, State::Dispatched { attempt, .. }) = (lines::strays(core, job), &job.life.state) {
            let _claimed_meanwhile = life::command(core, job.id, Command::Recall { attempt: *attempt }).await?;
        }
    }
    for line in lines {
        let out = unclaimed.iter().filter(|job| *job.place() == line.place).count() as u32;
        let free = core.fleet().free(&line.place, &held).saturating_sub(out);
        for job in front(core, &line, free).await? {
            hand_out(core, job, &line.place).await?;
        }
    }
    Ok(())
}

/// The best jobs that can go now. One whose data are still being frozen is waited for a moment, then passed over.
async fn front(core: &Core, line: &Line, free: u32) -> Result<Vec<Job>> {
    if free == 0 {
        return Ok(Vec::new());
    }
    let first = line.first(&mut *core.db.read().await?, free + READY).await?;
    let mut front = Vec::new();
    for job in first.into_iter().filter(|job| !job.life.cancelling) {
        match (&job.spec, front.len() < free as usize) {
            (_, false) => break,
            (Some(_), true) => front.push(job),
            (None, true) => {
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

/// One job leaves the line: the seal of the attempt before first, then the row, then the doorbell.
async fn hand_out(core: &Core, seen: Job, place: &Pool) -> Result<()> {
    if let State::Queued { unsettled: Some(before) } = seen.life.state {
        return life::settle(core, seen.id, before, "the job is handed out again").await;
    }
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(mut job) = db::jobs::get(&mut tx, seen.id).await? else { return Ok(()) };
    if db::pauses::hold(&mut tx, &job, place).await? {
        return Ok(());
    }
    job.stand_in = Some(place).filter(|place| **place != job.pool).cloned();
    let dispatch = Command::Dispatch { attempt: AttemptId::new_v4() };
    let Ok(effects) = life::apply(core, &mut tx, &mut job, &dispatch, now).await? else { return Ok(()) };
    if job.life.number == 0 {
        complete(&mut tx, &mut job).await?;
    }
    db::jobs::save(&mut tx, &job).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.front_changed.notify_one();
    life::follow(core, &job, effects).await
}

/// Fills in what is only known now: the live versions to start from and to be scored against. An incremental training without a
/// live version becomes a complete one.
async fn complete(tx: &mut Connection, job: &mut Job) -> Result<()> {
    let (Some(key), Some(mut spec)) = (job.model.clone(), job.spec.take()) else { return Ok(()) };
    let Some(model) = db::models::get(tx, &key).await? else { return Err(Error::not_found(format!("model {key}"))) };
    let champion = match model.live {
        Some(number) => db::versions::get(tx, &key, number).await?.map(|version| version.artifact()),
        None => None,
    };
    let contestants = Contestants { champion: champion.clone(), universal: universal(tx, &key).await? };
    match &mut spec {
        JobSpec::Train(spec) if spec.reproduces.is_some() => {}
        JobSpec::Train(spec) => {
            if spec.mode == Mode::Incremental {
                spec.parent = champion;
                if spec.parent.is_none() {
                    spec.mode = Mode::Complete;
                    job.mode = Some(Mode::Complete);
                    job.why = "no live version to start from: complete instead of incremental".into();
                }
            }
            spec.contestants = contestants;
        }
        JobSpec::Evaluate(spec) => spec.contestants = contestants,
        JobSpec::Probe(_) => {}
    }
    job.champion_seq = model.live_seq;
    job.spec = Some(spec);
    Ok(())
}

/// The live universal version, as a further contestant of a symbol's own model.
async fn universal(tx: &mut Connection, key: &ModelKey) -> Result<Option<ArtifactRef>> {
    let universal = ModelKey::universal_forecaster();
    if *key == universal {
        return Ok(None);
    }
    let live = db::models::get(tx, &universal).await?.and_then(|model| model.live);
    match live {
        Some(number) => Ok(db::versions::get(tx, &universal, number).await?.map(|version| version.artifact())),
        None => Ok(None),
    }
}
