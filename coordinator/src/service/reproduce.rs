//! Reproductions: a version is trained again from its manifest, and the two are compared. Never promoted.

use common::vocabulary::{JobKind, JobSpec, ModelKey, Needs, Timestamp, TrainSpec, VersionNumber, files};

use super::core::Core;
use super::fault::Step;
use super::{Error, Result, life, model, show, tell};
use crate::db::{
    self,
    jobs::{Job, Request},
    versions::{Status, Version},
};
use crate::domain::transition::{Command, Life};
use crate::views::{ComparisonView, JobView, TermView};

/// Where a reproduction stands in the line: nobody waits for it.
const SCORE: f64 = 60.0;

/// Puts a reproduction into the line.
pub(super) async fn enqueue(core: &Core, key: &ModelKey, number: VersionNumber) -> Result<JobView> {
    let mut tx = core.db.begin().await?;
    model::known(&mut tx, key).await?;
    let original = db::versions::get(&mut tx, key, number)
        .await?
        .ok_or_else(|| Error::not_found(format!("version {number} of {key}")))?;
    let job = job(core, &original);
    db::jobs::insert(&mut tx, &[&job]).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Enqueued).await;
    core.line_changed.notify_one();
    show::job_changed(core, job.id).await;
    show::job(core, job.id).await
}

/// The job is whole at once: its manifest says all of it.
fn job(core: &Core, original: &Version) -> Job {
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
        terms: vec![TermView { name: "reproduction".into(), points: SCORE }],
        as_of: original.as_of,
        life: Life::new(true, manifest.hyper.batch_size().unwrap_or_default()),
        request: Some(Request {
            hyper: manifest.hyper.clone(),
            split: manifest.split.clone(),
            yardstick: false,
            challenger: None,
            needs: Needs::default(),
            because: format!("reproduces {}", original.number),
        }),
        spec: Some(JobSpec::Train(Box::new(spec))),
        data_rows: original.data_rows,
        data_import: original.data_import,
        reproduces: Some(original.number),
        ..Job::entering(JobKind::Train, core.settings.coordinator.pool.clone(), SCORE, aging)
    };
    job.trace = tell::decided(&job);
    job
}

/// Compares a reproduction with its original, and ends its job.
pub(super) async fn compare(core: &Core, seen: Job, repeated: Version) -> Result<()> {
    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, seen.id).await? else { return Ok(()) };
    let Some(of) = job.reproduces else { return Ok(()) };
    let original = db::versions::get(&mut tx, &repeated.model, of).await?;
    let original = original.ok_or_else(|| Error::not_found(format!("version {of} of {}", repeated.model)))?;
    let Ok(mut next) = life::next(core, &job, &Command::Judge, now) else { return Ok(()) };
    let comparison = comparison(&original, &repeated);
    next.job.why = comparison.text.clone();
    next.job.comparison = Some(comparison);
    db::versions::set_status(&mut tx, &repeated.model, repeated.number, Status::Reproduction).await?;
    life::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Promoted).await;
    life::follow(core, vec![next]).await
}

fn comparison(original: &Version, repeated: &Version) -> ComparisonView {
    let weights = |version: &Version| version.manifest.files.get(files::WEIGHTS).map(|entry| entry.sha256);
    let loss = |version: &Version| version.manifest.evaluation.contestants.first().map(|m| m.loss);
    let identical = weights(original).is_some() && weights(original) == weights(repeated);
    let loss_difference = loss(original).zip(loss(repeated)).map_or(0.0, |(then, now)| now - then);
    let of = original.number;
    let text = if identical {
        format!("the weights are those of {of} to the bit")
    } else {
        let (then, now) = (&original.manifest, &repeated.manifest);
        let differs: Vec<String> = then
            .libraries
            .iter()
            .filter_map(|(name, was)| {
                let is = now.libraries.get(name).map_or("absent", String::as_str);
                (is != was).then(|| format!("{name} was {was}, is {is}"))
            })
            .collect();
        let because = if differs.is_empty() { String::new() } else { format!(" ({})", differs.join("; ")) };
        let name = original.manifest.evaluation.loss.title();
        format!("the weights differ from those of {of}{because}; mean {name} differs by {loss_difference:+.6}")
    };
    ComparisonView { of: of.to_string(), identical, loss_difference, text }
}
