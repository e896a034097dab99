//! Trainings that have ended, for channels that want to be told of each: in the transaction that ends them.

use common::losses::Contestant;
use common::vocabulary::{JobKind, JobState};
use domain::alert::{Judged, Trained};

use crate::db::versions::{Status, Version};
use crate::db::{self, Connection, jobs::Job};
use crate::service::error::Result;
use crate::wording;

/// Notes those that have ended, if a channel takes such notices.
pub(super) async fn note(tx: &mut Connection, changed: &[&Job]) -> Result<()> {
    let ended = |job: &&&Job| match job.kind {
        JobKind::Train => job.state().is_ended() && job.reproduces.is_none(),
        JobKind::Evaluate => job.state() == JobState::Completed,
        JobKind::Trial | JobKind::Monitor | JobKind::Predict | JobKind::Probe => false,
    };
    let ended: Vec<&&Job> = changed.iter().filter(ended).collect();
    if ended.is_empty() || !somebody_wants(tx).await? {
        return Ok(());
    }
    for job in ended {
        if let (Some(trained), Some(now)) = (told(tx, job).await?, job.ended_at) {
            db::alerts::news::add_training(tx, &trained, now).await?;
        }
    }
    Ok(())
}

async fn somebody_wants(tx: &mut Connection) -> Result<bool> {
    Ok(db::alerts::channels::all(tx).await?.iter().any(|channel| channel.terms.route.trainings))
}

/// What is told of a job that has ended; nothing of one that somebody has cancelled, or that led to nothing new.
async fn told(tx: &mut Connection, job: &Job) -> Result<Option<Trained>> {
    let Some(model) = job.model.clone() else { return Ok(None) };
    match (job.kind, job.state()) {
        (JobKind::Train, JobState::Failed) => {
            let message = job.reason.as_ref().map(wording::text).unwrap_or_default();
            Ok(Some(Trained::Failed { job: job.id, model, message }))
        }
        (JobKind::Train, JobState::Completed) => match db::versions::of_job(tx, job.id).await? {
            Some(version) => Ok(Some(judged(tx, job, version).await?)),
            None => Ok(None),
        },
        // A version that waited for rows, or for the gate, and is live now.
        (JobKind::Evaluate, JobState::Completed) => {
            let moved = db::ledger::of(tx, &model).await?.into_iter().next();
            let Some(number) = job.challenger().filter(|_| moved.is_some_and(|entry| entry.job == Some(job.id))) else {
                return Ok(None);
            };
            match db::versions::get(tx, &model, number).await? {
                Some(version) => Ok(Some(judged(tx, job, version).await?)),
                None => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

async fn judged(tx: &mut Connection, job: &Job, version: Version) -> Result<Trained> {
    let promoted = version.status == Status::Live;
    let before = match promoted {
        true => db::ledger::of(tx, &version.model).await?.into_iter().next().and_then(|entry| entry.previous),
        false => db::models::get(tx, &version.model).await?.and_then(|model| model.live),
    };
    let evaluation = &version.manifest.evaluation;
    let loss = |contestant| evaluation.of(contestant).map(|figures| figures.loss);
    let judged = Judged {
        job: job.id,
        mode: version.mode,
        version: version.number,
        before,
        loss: evaluation.loss.title().to_owned(),
        loss_before: loss(Contestant::Champion),
        loss_after: loss(Contestant::Challenger),
        seconds: version.manifest.training.seconds,
        model: version.model,
    };
    Ok(if promoted { Trained::Promoted(judged) } else { Trained::NotPromoted(judged) })
}
