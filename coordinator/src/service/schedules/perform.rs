//! Runs are done, one after the other: what a person could ask for is asked for.

use std::sync::Arc;

use common::vocabulary::{JobId, ModelKey, Timestamp};
use domain::schedule::{ReportParameters, RunOutcome, RunState, Selection, Task, TrainingParameters};
use newtype_uuid::GenericUuid as _;

use super::follow;
use crate::db::{self, Scope, models::Model, schedule_runs::Run};
use crate::service::error::{Error, Result};
use crate::service::reports::{self, Asked};
use crate::service::runtime::lookup::policy_of;
use crate::service::runtime::{Core, Refit};
use crate::views::{BackupRequest, CheckRequest, CleanupRequest, EvaluationAnswer, MonitorRequest, TrainingRequest};

/// Times that a run is begun before it is given up.
const TRIES: u32 = 5;

/// What doing a run came to.
struct Done {
    outcome: RunOutcome,
    /// Trainings that it waits for.
    jobs: Vec<JobId>,
}

/// Does the runs that wait, and ends those whose trainings have ended.
pub(crate) async fn round(core: &Arc<Core>) -> Result<()> {
    let open = db::schedule_runs::open(&mut *core.db.read().await?).await?;
    for run in open {
        match run.outcome {
            // Begun and without an outcome: whoever began it is gone.
            None => perform(core, run).await?,
            Some(_) => follow::look(core, run).await?,
        }
    }
    Ok(())
}

/// Does a run. What stands in the way of one is not in the way of others.
async fn perform(core: &Arc<Core>, mut run: Run) -> Result<()> {
    let now = Timestamp::now();
    run.state = RunState::Running;
    run.tries += 1;
    run.begun_at = run.begun_at.or(Some(now));
    if !write(core, &run, &[]).await? {
        return Ok(());
    }
    let name = run.schedule.as_ref().map(|(_, name)| name.to_string());
    let done = match act(core, &run).await {
        Ok(done) => done,
        Err(error) if run.tries < TRIES && is_passing(&error) => {
            tracing::warn!(schedule = name, task = run.task.as_str(), %error, "a schedule's run will be tried again");
            return Ok(());
        }
        Err(error) => {
            Done { outcome: RunOutcome::Failed { tries: run.tries, message: error.to_string() }, jobs: Vec::new() }
        }
    };
    let ended = done.jobs.is_empty();
    run.state = match (&done.outcome, ended) {
        (RunOutcome::Failed { .. }, _) => RunState::Failed,
        (RunOutcome::BackedUp { failed: 1.., .. }, _) => RunState::Failed,
        // Nothing came of it but refusals.
        (RunOutcome::Requested { requested: 0, already: 0, skipped: 0, refused: 1.., .. }, _) => RunState::Failed,
        (_, true) => RunState::Completed,
        (_, false) => RunState::Running,
    };
    run.ended_at = run.state.is_over().then(Timestamp::now);
    run.outcome = Some(done.outcome);
    write(core, &run, &done.jobs).await?;
    tracing::info!(schedule = name, task = run.task.as_str(), state = %run.state, jobs = done.jobs.len(), "a schedule's run");
    Ok(())
}

/// Whether the same may work in a moment.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Busy { .. } | Error::Unavailable { .. } | Error::TooSlow { .. } => true,
        Error::NotFound { .. }
        | Error::Refused { .. }
        | Error::Held { .. }
        | Error::Invalid { .. }
        | Error::TooLarge { .. }
        | Error::Unusable { .. }
        | Error::Unmeant(_)
        | Error::Artifact(_)
        | Error::Internal(_) => false,
    }
}

/// Writes a run, and the trainings that it waits for. `false`: it is gone.
async fn write(core: &Core, run: &Run, jobs: &[JobId]) -> Result<bool> {
    let mut tx = core.db.begin().await?;
    let there = db::schedule_runs::save(&mut tx, run).await?;
    if there {
        db::schedule_runs::add_jobs(&mut tx, run.id, jobs).await?;
    }
    tx.commit().await.map_err(db::Error::from)?;
    Ok(there)
}

async fn act(core: &Arc<Core>, run: &Run) -> Result<Done> {
    let task = &run.task;
    let refit = Refit::new(core.clone());
    let selected = match task.selection() {
        Some(of) => {
            let models = selected(core, of).await?;
            if models.is_empty() {
                return Ok(RunOutcome::NoModels.into());
            }
            models
        }
        None => Vec::new(),
    };
    Ok(match task {
        Task::HealthCheck { of } => health_check(&refit, named(of, &selected)).await?.into(),
        Task::Evaluate { of } => evaluate(&refit, named(of, &selected)).await?.into(),
        Task::Retrain { of, parameters } => {
            let is_wanted =
                |model: &Model| parameters.force || of.models.contains(&model.key) || trains_by_itself(core, model);
            let (wanted, left_alone): (Vec<_>, Vec<_>) = selected.into_iter().partition(is_wanted);
            retrain(&refit, wanted, left_alone.len() as u64, parameters).await?
        }
        Task::Backup { .. } => back_up(&refit, selected).await?.into(),
        Task::Cleanup => {
            let report = refit.cleanup(CleanupRequest::default()).await?;
            RunOutcome::Cleaned { objects: report.deleted.len() as u64, bytes: report.bytes }.into()
        }
        Task::Report { parameters } => report(core, run, parameters).await?.into(),
    })
}

impl From<RunOutcome> for Done {
    fn from(outcome: RunOutcome) -> Self {
        Self { outcome, jobs: Vec::new() }
    }
}

/// The models that a task is about.
pub(super) async fn selected(core: &Core, of: &Selection) -> Result<Vec<Model>> {
    let scope = Scope::asked(&of.models);
    let mut models = db::models::all(&mut *core.db.read().await?, scope).await?;
    models.retain(|model| of.has(&model.key, model.hyper.family(), &model.category.to_string(), &model.tags));
    Ok(models)
}

/// The names of models, for who takes none for all of them.
fn named(of: &Selection, models: &[Model]) -> Vec<String> {
    if *of == Selection::default() { Vec::new() } else { models.iter().map(|model| model.key.to_string()).collect() }
}

async fn health_check(refit: &Refit, models: Vec<String>) -> Result<RunOutcome> {
    let scoring = refit.monitor(MonitorRequest { models: models.clone(), as_of: None }).await?.jobs.len() as u64;
    let request = CheckRequest { models, enqueue: true, limit: Some(1), ..CheckRequest::default() };
    let answer = refit.check(request).await?;
    let (models, enqueued) = (answer.models as u64, answer.enqueued as u64);
    Ok(RunOutcome::Checked { models, scoring, due: due(&answer), enqueued })
}

async fn evaluate(refit: &Refit, models: Vec<String>) -> Result<RunOutcome> {
    let answer = refit.check(CheckRequest { models, limit: Some(1), ..CheckRequest::default() }).await?;
    let held = answer.verdicts.held_back as u64;
    Ok(RunOutcome::Decided { models: answer.models as u64, due: due(&answer), held })
}

/// Models that are due, whether Refit asks for their training by itself or not.
fn due(answer: &EvaluationAnswer) -> u64 {
    (answer.verdicts.retrain + answer.verdicts.recommended) as u64
}

/// Whether it may be trained without a person who wants that; one that the schedule names is wanted.
fn trains_by_itself(core: &Core, model: &Model) -> bool {
    policy_of(model, &core.settings).auto_retrain
}

/// Asks for each model, in the order of their keys; none goes before another for that. `skipped`: models that are not asked for.
async fn retrain(refit: &Refit, models: Vec<Model>, mut skipped: u64, parameters: &TrainingParameters) -> Result<Done> {
    let (mut requested, mut already, mut refused) = (0, 0, 0);
    let (mut jobs, mut refusal) = (Vec::new(), None);
    for model in models {
        let answer = match refit.train(request(&model.key, parameters)).await {
            Ok(answer) => answer,
            Err(error) if is_passing(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(model = %model.key, %error, "a schedule cannot train it");
                refused += 1;
                refusal = refusal.or_else(|| Some(error.to_string()));
                continue;
            }
        };
        requested += answer.requested;
        already += answer.already_training;
        skipped += answer.skipped;
        jobs.extend(answer.items.iter().filter_map(|item| item.job).map(JobId::from_untyped_uuid));
    }
    Ok(Done { outcome: RunOutcome::Requested { requested, already, skipped, refused, refusal }, jobs })
}

fn request(model: &ModelKey, parameters: &TrainingParameters) -> TrainingRequest {
    TrainingRequest {
        model: model.to_string(),
        mode: parameters.mode.map(|mode| mode.to_string()),
        force: parameters.force,
        priority: parameters.priority,
        hyper: parameters.hyper.clone(),
        pool: parameters.pool.as_ref().map(ToString::to_string),
        min_new_rows: parameters.min_new_rows,
        ..TrainingRequest::default()
    }
}

async fn report(core: &Core, run: &Run, parameters: &ReportParameters) -> Result<RunOutcome> {
    let made = reports::make(core, Asked::by_run(parameters, run.id, run.due)?).await?;
    Ok(RunOutcome::Reported { report: made.name, channels: made.channels.len() as u64 })
}

async fn back_up(refit: &Refit, models: Vec<Model>) -> Result<RunOutcome> {
    let (mut backed_up, mut without, mut failed) = (0, 0, 0);
    for model in models {
        if model.live.is_none() {
            without += 1;
            continue;
        }
        match refit.backup(&model.key, BackupRequest::default()).await {
            Ok(_) => backed_up += 1,
            Err(error) => {
                tracing::warn!(model = %model.key, %error, "a schedule cannot back it up");
                failed += 1;
            }
        }
    }
    Ok(RunOutcome::BackedUp { backed_up, without, failed })
}
