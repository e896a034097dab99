//! Which live versions have rows to be scored on, and the jobs that do it: many models in one.

use common::drift::Look;
use common::vocabulary::{
    DatasetName, JobId, JobKind, JobSpec, ModelKey, MonitorSpec, Snapshot, Subject, TablePart, Timestamp,
    VersionNumber, Watermark, Zone, files,
};
use domain::decide::{self, Rules};
use domain::job_reason::JobReason;
use domain::monitor::next_look;
use domain::score::TermKind;
use futures::{StreamExt as _, stream};

use crate::db::{
    self, Scope,
    jobs::Job,
    terms::TermRecord,
    versions::Version,
    watches::{Watch, Watched},
};
use crate::service::data::freeze;
use crate::service::error::{Error, Result};
use crate::service::facts::{self, ModelFacts};
use crate::service::runtime::{Core, job_telemetry, pointer};

/// After everything that a model or a person waits for, before nothing.
const SCORE: f64 = 90.0;

/// Models whose rows are frozen at once: each waits for the disk most of the time.
const AT_ONCE: usize = 8;

/// A live version with rows that it was not scored on.
struct Due {
    live: Version,
    shadow: Option<Version>,
    before: Option<Watched>,
    /// How its inputs are to be looked at.
    inputs: Option<Look>,
}

/// Puts into the backlog what scores the live versions of these models (of all, if none are named) on rows that have come.
pub(super) async fn enqueue(core: &Core, only: &[ModelKey], now: Timestamp) -> Result<Vec<JobId>> {
    let due = due(core, only, now).await?;
    let mut jobs = Vec::new();
    for chunk in due.chunks(MonitorSpec::MOST_SUBJECTS) {
        let mut subjects = Vec::with_capacity(chunk.len());
        let mut watches = Vec::with_capacity(chunk.len());
        let frozen: Vec<_> = chunk.iter().map(|due| subject(core, due, now)).collect();
        let frozen: Vec<_> = stream::iter(frozen).buffered(AT_ONCE).collect().await;
        for (due, found) in chunk.iter().zip(frozen) {
            match found {
                Ok((subject, watch)) => {
                    subjects.push(subject);
                    watches.push(watch);
                }
                Err(error) => tracing::warn!(model = %due.live.model, %error, "it cannot be scored now"),
            }
        }
        if subjects.is_empty() {
            continue;
        }
        let job = job(core, subjects, now);
        let mut tx = core.db.begin().await?;
        db::jobs::insert(&mut tx, &[&job]).await?;
        for watch in watches {
            db::watches::put(&mut tx, &Watch { job: Some(job.id), ..watch }).await?;
        }
        tx.commit().await.map_err(db::Error::from)?;
        core.events.job(&job);
        jobs.push(job.id);
    }
    if !jobs.is_empty() {
        core.backlog_changed.notify_one();
    }
    Ok(jobs)
}

/// A handful of statements, however many are due.
async fn due(core: &Core, only: &[ModelKey], now: Timestamp) -> Result<Vec<Due>> {
    let mut view = core.db.snapshot().await?;
    let known = facts::asked(&mut view, only, &core.settings, now).await?;
    let mut watches = db::watches::all(&mut view, Scope::asked(only)).await?;
    let mut candidates = Vec::new();
    for known in known.into_iter().filter(|known| known.unscored > 0) {
        let Some(live) = known.facts.live.as_ref().map(|live| live.version) else { continue };
        let ModelFacts { model, .. } = &known;
        let before = watches.remove(&model.key);
        if before.as_ref().is_some_and(|watched| watched.busy) {
            continue;
        }
        let before = before.filter(|watched| watched.watch.version == live);
        let inputs = look(&known, before.as_ref(), now);
        candidates.push((known.model, live, before, inputs));
    }
    let keys: Vec<ModelKey> = candidates.iter().map(|(model, ..)| model.key.clone()).collect();
    let ledgers = db::ledger::of_models(&mut view, Scope::Of(&keys)).await?;
    let shadow = |key: &ModelKey| ledgers.get(key).and_then(|ledger| pointer::predecessor(ledger));
    let wanted: Vec<(ModelKey, VersionNumber)> = candidates
        .iter()
        .flat_map(|(model, live, ..)| [Some(*live), shadow(&model.key)].map(|number| (&model.key, number)))
        .filter_map(|(key, number)| Some((key.clone(), number?)))
        .collect();
    let mut versions = db::versions::numbered(&mut view, &wanted).await?;
    let mut found = Vec::with_capacity(candidates.len());
    for (model, live, before, inputs) in candidates {
        let dataset = model.source.as_ref().map(|source| &source.dataset);
        let fit = |version: &Version| can_be_scored(version, dataset);
        let mut take = |number| versions.remove(&(model.key.clone(), number)).filter(fit);
        let Some(live) = take(live) else { continue };
        let shadow = shadow(&model.key).and_then(take).filter(|shadow| shadow.reads() == live.reads());
        found.push(Due { live, shadow, before, inputs });
    }
    Ok(found)
}

/// It costs as much as all the rows that have come: nobody looks where it would change nothing.
fn look(
    ModelFacts { model, policy, facts, .. }: &ModelFacts,
    before: Option<&Watched>,
    now: Timestamp,
) -> Option<Look> {
    // Reasons know no hours, so the zone is of no account.
    let rules = Rules { policy: policy.clone(), bands: policy.bands(model.hyper.family()), zone: Zone::UTC };
    let look = next_look(before.and_then(|watched| watched.watch.inputs.as_ref()), policy)?;
    (!decide::complete_is_certain(facts, &rules, now)).then_some(look)
}

/// Whether the weights of a version are still there, and the rows that come are those of the data set it reads. It reads them its own
/// way, whatever its model was told since; told to read another data set, the model is trained anew.
fn can_be_scored(version: &Version, dataset: Option<&DatasetName>) -> bool {
    !version.thinned && version.manifest.snapshot.source().as_ref().map(|source| &source.dataset) == dataset
}

async fn subject(core: &Core, due: &Due, now: Timestamp) -> Result<(Subject, Watch)> {
    let Due { live, shadow, before, inputs } = due;
    let frozen = freeze::snapshot(core, &live.model, live.manifest.snapshot.source(), now).await?;
    if !live.manifest.files.contains_key(files::SEEN) {
        same_log(core, &live.manifest.snapshot).await?;
    }
    let seen = shadow.as_ref().map_or(live.seen_through, |shadow| shadow.seen_through.max(live.seen_through));
    let already = before.as_ref().map(|watched| watched.watch.scored);
    let beyond = match &frozen.snapshot {
        Snapshot::Bars { .. } => {
            let date = already.map_or(live.data_through, |scored| scored.date.max(live.data_through)).max(seen);
            Watermark { date, entry: 0, through: date }
        }
        Snapshot::Table { .. } => Watermark { date: seen, ..already.unwrap_or_else(|| given(live)) },
    };
    let watch = Watch {
        model: live.model.clone(),
        version: live.number,
        scored: beyond,
        rows: before.as_ref().map_or(live.data_rows, |watched| watched.watch.rows),
        job: None,
        health: before.as_ref().and_then(|watched| watched.watch.health.clone()),
        shadow: before.as_ref().and_then(|watched| watched.watch.shadow),
        inputs: before.as_ref().and_then(|watched| watched.watch.inputs.clone()),
    };
    let subject = Subject {
        model: live.model.clone(),
        snapshot: frozen.snapshot,
        rows: frozen.rows,
        split: live.manifest.split.clone(),
        beyond,
        live: live.artifact(),
        shadow: shadow.as_ref().map(Version::artifact),
        inputs: *inputs,
    };
    subject.family()?;
    Ok((subject, watch))
}

/// A version that does not know its rows by name knows them by their place in the log, which must still be the same one.
async fn same_log(core: &Core, given: &Snapshot) -> Result<()> {
    let Snapshot::Table { dataset, parts, .. } = given else { return Ok(()) };
    let mut view = core.db.snapshot().await?;
    let Some(found) = db::datasets::get(&mut view, dataset).await? else { return Ok(()) };
    let known = db::dataset_parts::of(&mut view, &found).await?;
    if parts.iter().all(|part| known.iter().any(|known| known.hash == part.hash)) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "it was trained on another log of {dataset}, before rows were known by name: what it has seen cannot be told; train it anew"
    )))
}

/// Where the rows begin that a version may not have seen: where it knows them by name, with the first.
fn given(version: &Version) -> Watermark {
    let (entry, through) = match &version.manifest.snapshot {
        Snapshot::Table { through, .. } if version.manifest.files.contains_key(files::SEEN) => (0, *through),
        Snapshot::Table { parts, through, .. } => (parts.last().map_or(0, TablePart::last_seq), *through),
        Snapshot::Bars { .. } => (0, version.data_through),
    };
    Watermark { date: version.seen_through, entry, through }
}

fn job(core: &Core, subjects: Vec<Subject>, now: Timestamp) -> Job {
    let first: Vec<String> = subjects.iter().take(3).map(named).collect();
    let (pool, aging) = (core.settings.coordinator.pool.clone(), core.settings.priority.aging_interval.as_secs_f64());
    let mut job = Job {
        terms: vec![TermRecord::new(TermKind::Monitor, SCORE)],
        as_of: now,
        reason: Some(JobReason::Scores { models: subjects.len() as u64, more: subjects.len() > first.len(), first }),
        spec: Some(JobSpec::Monitor(MonitorSpec { subjects })),
        ..Job::entering(JobKind::Monitor, pool, SCORE, aging)
    };
    job.trace = job_telemetry::decided(&job);
    job
}

fn named(subject: &Subject) -> String {
    format!("{} {}", subject.model, subject.live.version)
}
