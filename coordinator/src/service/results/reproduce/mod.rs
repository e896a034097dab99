//! Reproductions: a version is trained again from its manifest, and the two are compared. What comes of it is no version of its own:
//! the same to the bit, it takes the place of weights that the original has lost.

mod conclude;
mod give_back;

use common::vocabulary::{DeviceKind, JobKind, JobSpec, ModelKey, Needs, Pool, TrainSpec, VersionNumber};
use domain::score::TermKind;
use domain::transition::Lifecycle;

pub(crate) use self::conclude::conclude;
use crate::db::{
    self, Connection,
    jobs::{Job, Purpose, Request},
    terms::TermRecord,
    versions::Version,
};
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::runtime::backlogs::Outlook;
use crate::service::runtime::fault::Step;
use crate::service::runtime::lookup::model;
use crate::service::runtime::{Core, Refit, job_telemetry};
use crate::views::JobView;
use crate::wording;

/// Where a reproduction stands in the backlog: nobody waits for it.
const SCORE: f64 = 60.0;

impl Refit {
    /// Trains a version again from its manifest; the job's `comparison` says how alike the two are. Never promoted.
    ///
    /// # Errors
    /// There is no such version; it was trained on a GPU, and no worker has one.
    pub async fn reproduce(&self, key: &ModelKey, version: VersionNumber) -> Result<JobView> {
        enqueue(&self.core, key, version).await
    }
}

/// Puts a reproduction into the backlog.
pub(crate) async fn enqueue(core: &Core, key: &ModelKey, number: VersionNumber) -> Result<JobView> {
    let mut tx = core.db.begin().await?;
    model::find(&mut tx, key).await?;
    let original = db::versions::get(&mut tx, key, number)
        .await?
        .ok_or_else(|| Error::not_found(format!("version {number} of {key}")))?;
    starts(&mut tx, &original).await?;
    let (pool, needs) = pool_and_needs(core, &mut tx, &original).await?;
    let job = job(core, &original, pool, needs);
    db::jobs::insert(&mut tx, &[&job]).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Enqueued).await;
    core.backlog_changed.notify_one();
    core.events.job(&job);
    present::job(core, job.id).await
}

/// Refuses what starts from weights that are lost.
async fn starts(view: &mut Connection, original: &Version) -> Result<()> {
    let Some(parent) = original.parent else { return Ok(()) };
    let (key, number) = (&original.model, original.number);
    match db::versions::get(view, key, parent).await? {
        Some(parent) if parent.thinned => Err(Error::refused(format!(
            "{number} of {key} was trained from {0}, which has lost its weights: `refit reproduce {key} {0}` first",
            parent.number
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Where it can have the same bits: a version of a GPU needs one again, in the pool where it was trained.
async fn pool_and_needs(core: &Core, view: &mut Connection, original: &Version) -> Result<(Pool, Needs)> {
    let usual = core.settings.coordinator.pool.clone();
    if !original.manifest.on_gpu() {
        return Ok((usual, Needs::default()));
    }
    let trained = db::jobs::get(view, original.manifest.job).await?;
    let (pool, needs) = (trained.map_or(usual, |job| job.pool), Needs { device: Some(DeviceKind::Cuda), memory: None });
    match Outlook::now(core).never(&pool, &needs) {
        None => Ok((pool, needs)),
        Some(reason) => {
            let (number, model, reason) = (original.number, &original.model, wording::text(&reason));
            Err(Error::refused(format!("{number} of {model} was trained on a GPU: {reason}")))
        }
    }
}

/// The job is whole at once: its manifest says all of it.
fn job(core: &Core, original: &Version, pool: Pool, needs: Needs) -> Job {
    let manifest = &original.manifest;
    let aging = core.settings.priority.aging_interval.as_secs_f64();
    let spec = TrainSpec {
        model: original.model.clone(),
        mode: manifest.mode,
        snapshot: manifest.snapshot.clone(),
        hyper: manifest.hyper.clone(),
        split: manifest.split.clone(),
        parent: manifest.parent.clone(),
        contestants: Default::default(),
        yardstick: false,
        reproduces: Some(original.number),
    };
    let mut job = Job {
        model: Some(original.model.clone()),
        mode: Some(manifest.mode),
        terms: vec![TermRecord::new(TermKind::Reproduction, SCORE)],
        as_of: original.as_of,
        lifecycle: Lifecycle::new(true, manifest.hyper.batch_size().unwrap_or_default()),
        request: Some(Request {
            hyper: manifest.hyper.clone(),
            split: manifest.split.clone(),
            yardstick: false,
            challenger: None,
            needs,
            purpose: Purpose::Reproduction,
        }),
        spec: Some(JobSpec::Train(Box::new(spec))),
        data_rows: original.data_rows,
        data_import: original.data_import,
        reproduces: Some(original.number),
        ..Job::entering(JobKind::Train, pool, SCORE, aging)
    };
    job.trace = job_telemetry::decided(&job);
    job
}
