//! Recording: a sealed result is read, checked and becomes a version, in one transaction with its job's row.

use common::losses::Contestant;
use common::ports::StoreKey;
use common::telemetry;
use common::telemetry::table::{attribute, span};
use common::vocabulary::{
    AttemptId, ContentHash, JobId, JobKind, JobSpec, JobState, Manifest, Seal, Timestamp, VersionNumber, files,
};
use common::wire::{Claim, ToWorker};
use domain::cost::{Features, Sample};
use domain::judge::{Pairing, Skill};
use domain::transition::Command;
use domain::versions::next_version;

use super::{checkpoints, judge, reproduce};
use crate::db::{
    self, Connection,
    jobs::Job,
    reproductions::Reproduction,
    scores::Score,
    versions::{Status, Version},
};
use crate::service::error::{Error, Result, Unfit};
use crate::service::jobs::lifecycle;
use crate::service::runtime::fault::Step;
use crate::service::runtime::outbox::send;
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, alone};
use crate::service::state::TaskName;
use crate::service::{monitoring, searches};

/// Records and judges what waits for it.
pub(crate) async fn round(core: &Core) -> Result<()> {
    for (job, claim) in core.results.take() {
        // What is not done here is announced again by the worker's heartbeats, or wanted again by the sweep.
        alone(core, TaskName::Record, job, settle(core, job, claim)).await?;
    }
    Ok(())
}

async fn settle(core: &Core, id: JobId, announced: Option<Claim>) -> Result<()> {
    let Some(job) = db::jobs::get(&mut *core.db.read().await?, id).await? else { return Ok(()) };
    let (kind, reproduces, mut state) = (job.kind, job.reproduces, job.state());
    if !state.is_ended() && state != JobState::Judging {
        state = record(core, job).await?;
    }
    if let Some(claim) = announced
        && state != JobState::Running
    {
        send(core, claim.worker, &ToWorker::Recorded { claims: vec![claim.claim] }).await?;
        core.fault.at(Step::Confirmed).await;
    }
    if state != JobState::Judging {
        return Ok(());
    }
    let concluded = match kind {
        JobKind::Monitor => monitoring::conclude(core, id).await,
        JobKind::Trial => searches::conclude(core, id).await,
        JobKind::Train if reproduces.is_some() => reproduce::conclude(core, id).await,
        JobKind::Train | JobKind::Evaluate | JobKind::Predict | JobKind::Probe => judge::job(core, id).await,
    };
    match concluded {
        // It was whole when it was recorded: the store has lost it since, and will not find it again.
        Err(Error::Artifact(lost @ Unfit::Damaged { .. })) => {
            judge::without_evidence(core, id, &lost.to_string()).await
        }
        concluded => concluded,
    }
}

/// Records what the seal of the latest attempt says; answers with the state the row has then.
async fn record(core: &Core, job: Job) -> Result<JobState> {
    let Some(attempt) = job.open_attempt() else { return Ok(job.state()) };
    let store = core.ports.store.as_ref();
    let seal = artifact::seal(store, job.id, attempt).await;
    core.fault.at(Step::SealRead).await;
    let (claim, hash) = match seal {
        Ok(Some(Seal::Result { claim, manifest })) => (claim, manifest),
        Ok(Some(Seal::Revoked { .. }) | None) => return Ok(job.state()),
        Err(Unfit::Damaged { file, reason }) => {
            unusable(core, job.id, attempt, &file, &reason).await?;
            return state_now(core, job.id).await;
        }
        Err(error) => return Err(error.into()),
    };
    let parent = job.trace.map(|trace| trace.of_attempt(attempt));
    let span = span::RECORD.under(parent).text(&attribute::JOB, job.id).text(&attribute::ATTEMPT, attempt).begin();
    let folder = StoreKey::artifact(job.id, attempt, claim);
    span.around(check(core, &job, attempt, folder, hash)).await?;
    state_now(core, job.id).await
}

async fn state_now(core: &Core, id: JobId) -> Result<JobState> {
    let job = db::jobs::get(&mut *core.db.read().await?, id).await?;
    Ok(job.map_or(JobState::Failed, |job| job.state()))
}

/// Checks what was sealed, and records it, or that it cannot be used.
async fn check(core: &Core, job: &Job, attempt: AttemptId, folder: StoreKey, hash: ContentHash) -> Result<()> {
    let found = match job.kind {
        JobKind::Train => training(core, job, &folder, hash).await.map(Some),
        JobKind::Evaluate => evaluation(core, &folder, hash).await.map(|()| None),
        JobKind::Monitor => monitoring(core, job, &folder, hash).await.map(|()| None),
        JobKind::Trial => trial(core, job, &folder, hash).await.map(|()| None),
        JobKind::Predict | JobKind::Probe => return Ok(()),
    };
    match found {
        Ok(trained) => write(core, job.id, &Checked { attempt, folder, hash }, trained).await,
        Err(Unfit::Damaged { file, reason }) => unusable(core, job.id, attempt, &file, &reason).await,
        Err(error) => Err(error.into()),
    }
}

/// What was sealed cannot be read: the job is tried again, or fails of it.
async fn unusable(core: &Core, id: JobId, attempt: AttemptId, file: &str, reason: &str) -> Result<()> {
    let why = format!("{file} of its artifact is damaged: {reason}");
    telemetry::failed(&why);
    let _gone_meanwhile = lifecycle::command(core, id, lifecycle::unusable(attempt, why)).await?;
    Ok(())
}

/// A training, with everything in it that is read later.
async fn training(core: &Core, job: &Job, folder: &StoreKey, hash: ContentHash) -> std::result::Result<Trained, Unfit> {
    let store = core.ports.store.as_ref();
    let manifest = own(job, artifact::manifest(store, folder, hash).await?)?;
    let forward = forward_scores(core, folder, &manifest).await?;
    artifact::seen(store, folder, &manifest.files).await?;
    Ok(Trained { manifest, forward })
}

async fn evaluation(core: &Core, folder: &StoreKey, hash: ContentHash) -> std::result::Result<(), Unfit> {
    let store = core.ports.store.as_ref();
    let manifest = artifact::evaluation(store, folder, hash).await?;
    artifact::losses(store, folder, &manifest.files).await?;
    Ok(())
}

async fn trial(core: &Core, job: &Job, folder: &StoreKey, hash: ContentHash) -> std::result::Result<(), Unfit> {
    let found = artifact::trial(core.ports.store.as_ref(), folder, hash).await?;
    if (found.job, Some(&found.model)) == (job.id, job.model.as_ref()) && found.validation_loss.is_finite() {
        return Ok(());
    }
    let reason = format!("it is of {} and of job {}, with a loss of {}", found.model, found.job, found.validation_loss);
    Err(Unfit::Damaged { file: files::MANIFEST.into(), reason })
}

async fn monitoring(core: &Core, job: &Job, folder: &StoreKey, hash: ContentHash) -> std::result::Result<(), Unfit> {
    let store = core.ports.store.as_ref();
    let manifest = artifact::monitoring(store, folder, hash).await?;
    let asked = match &job.spec {
        Some(JobSpec::Monitor(spec)) => spec.subjects.len(),
        Some(_) | None => 0,
    };
    if manifest.subjects.len() != asked {
        let reason = format!("it is of {} models instead of {asked}", manifest.subjects.len());
        return Err(Unfit::Damaged { file: files::MANIFEST.into(), reason });
    }
    artifact::monitored(store, folder, &manifest).await?;
    Ok(())
}

/// The manifest of a training, if it is of this job, and of the model and the family that were asked for.
fn own(job: &Job, manifest: Manifest) -> std::result::Result<Manifest, Unfit> {
    let asked = job.request.as_ref().map(|request| request.hyper.family());
    let found = (manifest.job, Some(&manifest.model), Some(manifest.hyper.family()));
    if found == (job.id, job.model.as_ref(), asked) {
        return Ok(manifest);
    }
    let reason = format!("it is of {}, a {}, and of job {}", manifest.model, manifest.hyper.family(), manifest.job);
    Err(Unfit::Damaged { file: files::MANIFEST.into(), reason })
}

/// A sealed result whose every file is what its hash says.
struct Checked {
    attempt: AttemptId,
    folder: StoreKey,
    hash: ContentHash,
}

/// What a training has left.
struct Trained {
    manifest: Manifest,
    forward: Forward,
}

/// The row goes on to judging and the version is there, both or neither; an evaluation leads to no version.
async fn write(core: &Core, id: JobId, result: &Checked, trained: Option<Trained>) -> Result<()> {
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    let sealed = Command::Sealed { attempt: result.attempt, manifest: result.hash };
    let Ok(mut next) = lifecycle::next(core, &job, &sealed, now) else { return Ok(()) };
    let seconds = trained.as_ref().map(|trained| trained.manifest.training.seconds);
    if let Some(Trained { manifest, .. }) = &trained {
        let sample = cost(&mut tx, &job, manifest).await?;
        db::costs::insert(&mut tx, id, manifest.on_gpu(), &sample).await?;
    }
    if let Some(Trained { manifest, forward }) = trained {
        db::jobs::set_curve(&mut tx, id, &manifest.training.curve).await?;
        if let Some(of) = job.reproduces {
            db::reproductions::insert(&mut tx, &reproduction(&job, of, result, manifest, now)).await?;
        } else {
            let version = version(&mut tx, &job, result, manifest, forward.skill, now).await?;
            db::versions::insert(&mut tx, &version).await?;
            db::scores::insert(&mut tx, &version.model, version.number, &forward.scores).await?;
        }
    }
    lifecycle::write(&mut tx, vec![&mut next]).await?;
    db::attempts::record(&mut tx, result.attempt, seconds).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Recorded).await;
    core.progress().remove(&id);
    if job.lifecycle.checkpoint.is_some() {
        checkpoints::of_recorded(core, id).await;
    }
    lifecycle::follow(core, vec![next]).await
}

/// What a training has cost, beside what those before it had led to expect.
async fn cost(tx: &mut Connection, job: &Job, manifest: &Manifest) -> db::Result<Sample> {
    let (model, training) = (manifest.model.clone(), &manifest.training);
    let rows = job.data_rows;
    let features = Features::of(&manifest.hyper, manifest.mode, rows, training.new_rows);
    let prices = db::costs::prices(tx, manifest.hyper.family()).await?;
    let expected = prices.of(&model, &features).map(|price| price.seconds);
    Ok(Sample { model, features, seconds: training.seconds, memory: training.peak_memory, expected })
}

/// The rows of the holdout: none of its versions has seen them.
pub(crate) async fn forward_scores(
    core: &Core,
    folder: &StoreKey,
    manifest: &Manifest,
) -> std::result::Result<Forward, Unfit> {
    let losses = artifact::losses(core.ports.store.as_ref(), folder, &manifest.files).await?;
    let baseline = manifest.evaluation.baseline;
    let rows = losses.0.iter().filter_map(|row| {
        let (ours, theirs) = (row.of(Contestant::Challenger)?, row.of(baseline)?);
        let (key, unit) = (row.key.clone(), row.unit.clone());
        Some(Score { date: row.date, key, unit, loss: ours.loss, baseline: theirs.loss, arrived: false })
    });
    let pairing = Pairing::of(manifest.hyper.family());
    Ok(Forward { scores: rows.collect(), skill: Skill::of(&losses, Contestant::Challenger, baseline, pairing) })
}

/// What a version scored on rows it had not seen.
pub(crate) struct Forward {
    pub(crate) scores: Vec<Score>,
    pub(crate) skill: Option<Skill>,
}

/// What training a version again leads to: no version, and no number of its model's.
fn reproduction(job: &Job, of: VersionNumber, result: &Checked, manifest: Manifest, now: Timestamp) -> Reproduction {
    Reproduction {
        job: job.id,
        model: manifest.model.clone(),
        of,
        attempt: result.attempt,
        recorded_at: now,
        prefix: result.folder.to_string(),
        manifest_hash: result.hash,
        manifest,
    }
}

/// The version a sealed training leads to: numbered here, and trusted as far as its forward rows and its fleet allow.
async fn version(
    tx: &mut Connection,
    job: &Job,
    result: &Checked,
    manifest: Manifest,
    skill: Option<Skill>,
    now: Timestamp,
) -> db::Result<Version> {
    let model = manifest.model.clone();
    let parent = manifest.parent.as_ref().map(|parent| parent.version);
    let increments = match parent {
        None => 0,
        Some(parent) => db::versions::get(tx, &model, parent).await?.map_or(0, |parent| parent.increments) + 1,
    };
    let number = next_version(db::versions::numbers(tx, &model).await?, manifest.mode, parent);
    let fleet = db::versions::fleet(tx, manifest.hyper.family()).await?;
    let reliability = skill.and_then(|skill| fleet.reliability(&model, skill));
    Ok(Version {
        model,
        number,
        job: job.id,
        attempt: result.attempt,
        status: Status::Judging,
        mode: manifest.mode,
        parent,
        increments,
        as_of: job.as_of,
        recorded_at: now,
        data_through: manifest.data_through,
        data_rows: job.data_rows,
        data_import: job.data_import,
        seen_through: manifest.seen_through,
        prefix: result.folder.to_string(),
        manifest_hash: result.hash,
        manifest,
        reliability,
        skill,
        verdict: None,
        ever_live: false,
        thinned: false,
        restored_at: None,
    })
}
