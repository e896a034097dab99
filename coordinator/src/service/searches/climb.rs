//! From rung to rung: trials are put into the backlog, and when all of a rung have ended, the better ones go on.

use common::vocabulary::{Hyper, JobKind, JobSpec, JobState, Needs, Snapshot, Source, TrialSpec};
use domain::offers;
use domain::score::TermKind;
use domain::search::{Measured, SearchOutcome, SearchState, Step, next, shortened};
use domain::transition::Lifecycle;

use super::{cancel, challenge, change, end};
use crate::db::jobs::{Job, Purpose, Request};
use crate::db::searches::{Search, Trial};
use crate::db::{self, terms::TermRecord};
use crate::service::data::freeze;
use crate::service::error::{Error, Result};
use crate::service::runtime::fault::Step as FaultStep;
use crate::service::runtime::lookup::model;
use crate::service::runtime::{Core, job_telemetry};
use crate::wording;

/// Where a trial stands in the backlog: behind everything that somebody waits for.
const SCORE: f64 = 150.0;

/// Goes on with a search whose trials may have ended.
pub(super) async fn go_on(core: &Core, search: Search) -> Result<()> {
    let Some(snapshot) = search.snapshot.clone() else { return freeze_rows(core, search).await };
    let reads = model::find(&mut *core.db.snapshot().await?, &search.model).await?.source;
    if reads.as_ref().map(Source::fitted) != snapshot.source().as_ref().map(Source::fitted) {
        return overtaken(core, &search).await;
    }
    let all = db::searches::trials(&mut *core.db.read().await?, search.id).await?;
    let here: Vec<&Trial> = all.iter().filter(|trial| trial.rung == search.rung).collect();
    if here.is_empty() {
        let first = (0..search.request.drawn.len() as u32).collect::<Vec<_>>();
        return begin(core, &search, search.rung, &first, snapshot).await;
    }
    if here.iter().any(|trial| trial.is_open()) {
        return Ok(());
    }
    let measured: Vec<Measured> = here.iter().map(|trial| Measured { trial: trial.trial, loss: trial.loss }).collect();
    match next(search.request.ladder, search.rung, &measured) {
        Step::Climb(on) => begin(core, &search, search.rung + 1, &on, snapshot).await,
        Step::Done(best) if best.is_news() => challenge::ask(core, &search, best).await,
        Step::Done(best) => {
            let trials = search.request.drawn.len() as u32;
            let outcome = SearchOutcome::NothingBetter { trials, own: best.own };
            end(core, &search, SearchState::Completed, outcome).await.map(drop)
        }
        Step::OwnUnmeasured => {
            let reason = first_reason(core, &here).await?;
            end(core, &search, SearchState::Failed, SearchOutcome::OwnUnmeasured { reason }).await.map(drop)
        }
        Step::Unmeasured => {
            let outcome =
                SearchOutcome::Unmeasured { trials: here.len() as u32, reason: first_reason(core, &here).await? };
            end(core, &search, SearchState::Failed, outcome).await.map(drop)
        }
    }
}

/// What is tried says nothing of what its model reads now: what has not ended is not wanted.
async fn overtaken(core: &Core, before: &Search) -> Result<()> {
    let mut tx = core.db.begin().await?;
    cancel(&mut tx, before, SearchOutcome::Overtaken).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.searches_changed.notify_one();
    Ok(())
}

/// The rows of all trials, as they were when the search was asked for.
async fn freeze_rows(core: &Core, search: Search) -> Result<()> {
    let source = model::find(&mut *core.db.snapshot().await?, &search.model).await?.source;
    match freeze::snapshot(core, &search.model, source, search.request.moment).await {
        Ok(frozen) => {
            let now = Search { snapshot: Some(frozen.snapshot), ..search.clone() };
            change(core, &search, &now).await?;
            core.searches_changed.notify_one();
            Ok(())
        }
        Err(Error::Refused { reason }) => {
            let outcome = SearchOutcome::NoRows { reason };
            end(core, &search, SearchState::Failed, outcome).await.map(drop)
        }
        Err(error) => Err(error),
    }
}

/// Begins a rung: its trials and their jobs are there, all or none.
async fn begin(core: &Core, search: &Search, rung: usize, numbers: &[u32], snapshot: Snapshot) -> Result<()> {
    let share = search.request.ladder.rungs().get(rung).map_or(1.0, |rung| rung.share);
    let drawn = |number: &u32| Some((*number, search.request.drawn.get(*number as usize)?));
    let trial = |(trial, hyper)| {
        let hyper = shortened(hyper, share);
        let job = job(core, search, hyper.clone(), snapshot.clone());
        let state = Some(JobState::Queued);
        (Trial { search: search.id, rung, trial, hyper, job: job.id, state, loss: None, seconds: None }, job)
    };
    let trials: Vec<(Trial, Job)> = numbers.iter().filter_map(drawn).map(trial).collect();
    put(core, search, &Search { rung, ..search.clone() }, &trials, Trying::New).await.map(drop)
}

/// Why trials are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trying {
    /// Their rung begins.
    New,
    /// They were not measured before.
    Again,
}

/// Writes a search with trials that it waits for. `false`: somebody has changed it meanwhile.
pub(super) async fn put(
    core: &Core,
    before: &Search,
    now: &Search,
    trials: &[(Trial, Job)],
    trying: Trying,
) -> Result<bool> {
    let (rows, jobs): (Vec<Trial>, Vec<&Job>) = trials.iter().map(|(trial, job)| (trial.clone(), job)).unzip();
    let mut tx = core.db.begin().await?;
    if !db::searches::save(&mut tx, before, now).await? {
        return Ok(false);
    }
    db::jobs::insert(&mut tx, &jobs).await?;
    let written = match trying {
        Trying::New => db::searches::add_trials(&mut tx, &rows).await?,
        Trying::Again => db::searches::try_again(&mut tx, &rows).await?,
    };
    if !written {
        return Ok(false);
    }
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(FaultStep::Enqueued).await;
    tracing::info!(search = now.id, model = %now.model, rung = now.rung, trials = trials.len(), "trials are asked for");
    core.backlog_changed.notify_one();
    jobs.iter().for_each(|job| core.events.job(job));
    Ok(true)
}

/// The job is whole at once: nothing about it depends on when it is handed out.
pub(super) fn job(core: &Core, search: &Search, hyper: Hyper, snapshot: Snapshot) -> Job {
    let aging = core.settings.priority.aging_interval.as_secs_f64();
    let (pool, split) = (core.settings.coordinator.pool.clone(), search.request.split.clone());
    let rows = snapshot.rows();
    let spec = TrialSpec { model: search.model.clone(), snapshot, hyper: hyper.clone(), split: split.clone() };
    let mut job = Job {
        model: Some(search.model.clone()),
        terms: vec![TermRecord::new(TermKind::Trial, SCORE)],
        as_of: search.request.moment,
        lifecycle: Lifecycle::new(true, hyper.batch_size().unwrap_or_default()),
        request: Some(Request {
            needs: offers::pressing(hyper.family(), Needs::default()),
            hyper,
            split,
            yardstick: false,
            challenger: None,
            purpose: Purpose::Search,
        }),
        spec: Some(JobSpec::Trial(Box::new(spec))),
        data_rows: rows,
        ..Job::entering(JobKind::Trial, pool, SCORE, aging)
    };
    job.trace = job_telemetry::decided(&job);
    job
}

/// Why the first trial that failed did.
async fn first_reason(core: &Core, trials: &[&Trial]) -> Result<Option<String>> {
    let Some(failed) = trials.iter().find(|trial| trial.state == Some(JobState::Failed)) else { return Ok(None) };
    let job = db::jobs::get(&mut *core.db.read().await?, failed.job).await?;
    Ok(job.and_then(|job| job.reason).as_ref().map(wording::text))
}
