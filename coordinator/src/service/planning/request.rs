//! Trainings that somebody asks for: one model, or many at once.

use std::slice;

use chrono::NaiveDate;
use common::vocabulary::{Family, JobState, Mode, ModelKey, Needs, Pool, Timestamp};
use domain::answer::RequestAnswer;
use domain::decide::{HoldCode, Verdict};
use domain::offers::{self, Never};
use domain::score::{self, order_key};
use newtype_uuid::GenericUuid;

use super::evaluate::{self, EvaluationEntry, PlanningOutcome, PlanningRequest, Written};
use crate::db::{
    self, Scope,
    decisions::DecisionRecord,
    jobs::{Job, Purpose},
};
use crate::service::error::{Error, Result};
use crate::service::facts::{self, ModelFacts};
use crate::service::runtime::backlogs::Outlook;
use crate::service::runtime::fault::Step;
use crate::service::runtime::{Core, Refit};
use crate::views::{BatchRequest, TermView, TrainingAnswer, TrainingItem, TrainingRequest};
use crate::wording;

/// What is no matter of patience: who asks is refused, and told what works.
const REFUSED: [HoldCode; 5] =
    [HoldCode::Hindsight, HoldCode::TooFewRows, HoldCode::NothingNew, HoldCode::DataQuality, HoldCode::Failed];

impl Refit {
    /// Asks for one training.
    ///
    /// # Errors
    /// Unknown model, hyper-parameters out of range, too little history.
    pub async fn train(&self, request: TrainingRequest) -> Result<TrainingAnswer> {
        train(&self.core, request).await
    }

    /// Asks for many trainings; what cannot be asked for is refused one by one.
    ///
    /// # Errors
    /// The request as a whole makes no sense.
    pub async fn batch(&self, request: BatchRequest) -> Result<TrainingAnswer> {
        batch(&self.core, request).await
    }
}

/// Asks for one training.
pub(crate) async fn train(core: &Core, request: TrainingRequest) -> Result<TrainingAnswer> {
    train_for(core, request, Purpose::Asked).await
}

/// The same, for something else than somebody's wish.
pub(crate) async fn train_for(core: &Core, request: TrainingRequest, purpose: Purpose) -> Result<TrainingAnswer> {
    let key: ModelKey = request.model.parse()?;
    let now = evaluate::moment(request.as_of)?;
    let mut known = facts::one(&mut *core.db.snapshot().await?, &key, &core.settings, now).await?;
    evaluate::overlook(core, slice::from_mut(&mut known));
    let min_new_rows = enough_new(request.min_new_rows)?;
    let planning_request = PlanningRequest {
        mode: request.mode.as_deref().map(str::parse).transpose()?,
        force: request.force,
        asked: true,
        priority: request.priority.map(score::given).transpose().map_err(Error::invalid)?,
        position: 0,
        hyper: Some(evaluate::hyper(&known.model.hyper, &request.hyper)?),
        yardstick: request.yardstick,
        pool: request.pool.as_deref().map(str::parse).transpose()?,
        needs: needs(request.device.as_deref(), request.memory)?,
        min_new_rows,
        purpose,
    };
    let item = ask(core, &mut known, &planning_request, (now, request.as_of)).await?;
    if item.result == "refused" {
        return Err(Error::refused(format!("{key}: {}", item.why)));
    }
    Ok(answer(vec![item]))
}

/// Asks for many trainings, one after the other; what cannot be asked for is refused one by one.
pub(crate) async fn batch(core: &Core, request: BatchRequest) -> Result<TrainingAnswer> {
    let now = evaluate::moment(request.as_of)?;
    let named: Vec<ModelKey> = request.models.iter().filter_map(|name| name.parse().ok()).collect();
    let of = if request.models.is_empty() { Scope::All } else { Scope::Of(&named) };
    let mut known = facts::facts(&mut *core.db.snapshot().await?, of, &core.settings, now).await?;
    evaluate::overlook(core, &mut known);
    let mode: Option<Mode> = request.mode.as_deref().map(str::parse).transpose()?;
    let priority = request.priority.map(score::given).transpose().map_err(Error::invalid)?;
    let pool: Option<Pool> = request.pool.as_deref().map(str::parse).transpose()?;
    let needs = needs(request.device.as_deref(), request.memory)?;
    let min_new_rows = enough_new(request.min_new_rows)?;
    let in_category =
        |known: &&ModelFacts| request.category.as_ref().is_none_or(|c| known.model.category.to_string() == *c);
    let names: Vec<String> = if request.models.is_empty() {
        known.iter().filter(in_category).map(|known| known.model.key.to_string()).collect()
    } else {
        request.models.clone()
    };
    if names.is_empty() {
        let what = request.category.as_ref().map_or("model yet".to_owned(), |c| format!("model of the category {c}"));
        return Err(Error::not_found(what));
    }
    let mut items = Vec::with_capacity(names.len());
    for (position, name) in names.into_iter().enumerate() {
        let found = known.iter_mut().find(|known| in_category(&&**known) && known.model.key.as_str() == name);
        let planning_request = PlanningRequest {
            mode,
            force: request.force,
            asked: true,
            priority,
            position: position as u32,
            hyper: None,
            yardstick: request.yardstick,
            pool: pool.clone(),
            needs,
            min_new_rows,
            purpose: Purpose::AskedAmongOthers,
        };
        items.push(match found {
            Some(known) => ask(core, known, &planning_request, (now, request.as_of)).await?,
            None => {
                let category = request.category.clone();
                refused(name, wording::text(&RequestAnswer::NoSuchModel { category }))
            }
        });
    }
    Ok(answer(items))
}

fn needs(device: Option<&str>, memory: Option<u64>) -> Result<Needs> {
    Ok(Needs { device: device.map(str::parse).transpose()?, memory })
}

/// The most new rows that a request may call enough.
const MOST_NEW: u32 = 1_000_000;

/// Refuses a number of new rows that makes no sense.
pub(crate) fn enough_new(rows: Option<u32>) -> Result<Option<u32>> {
    match rows {
        Some(rows) if !(1..=MOST_NEW).contains(&rows) => {
            Err(Error::invalid(format!("min_new_rows = {rows} is out of range: 1 to {MOST_NEW}")))
        }
        rows => Ok(rows),
    }
}

/// Why no worker could ever do what is wished for of a model.
fn never(core: &Core, family: Family, planning_request: &PlanningRequest) -> Option<Never> {
    let pool = planning_request.pool.as_ref().unwrap_or(&core.settings.coordinator.pool);
    offers::unfit(family, &planning_request.needs)
        .or_else(|| Outlook::now(core).never(pool, &offers::pressing(family, planning_request.needs)))
}

/// Asks for one model, whose facts are those of `now`.
async fn ask(
    core: &Core,
    known: &mut ModelFacts,
    planning_request: &PlanningRequest,
    (mut now, as_of): (Timestamp, Option<NaiveDate>),
) -> Result<TrainingItem> {
    loop {
        evaluate::look_closer(core, known, planning_request, now).await?;
        if let Some(item) = ask_by_facts(core, known, planning_request, now).await? {
            return Ok(item);
        }
        // The training that was in the way has just ended, and what came of it is a fact, too.
        now = evaluate::moment(as_of)?;
        *known = facts::one(&mut *core.db.snapshot().await?, &known.model.key, &core.settings, now).await?;
        evaluate::overlook(core, slice::from_mut(known));
    }
}

/// The same, unless the facts speak of a training that has ended meanwhile.
async fn ask_by_facts(
    core: &Core,
    known: &ModelFacts,
    planning_request: &PlanningRequest,
    now: Timestamp,
) -> Result<Option<TrainingItem>> {
    let key = &known.model.key;
    let outcome = evaluate::plan(known, planning_request, &core.settings, now);
    let held = |code: HoldCode| outcome.decision.holds.iter().any(|hold| hold.code() == code);
    if held(HoldCode::ActiveTraining) {
        return already(core, key, &outcome).await;
    }
    if held(HoldCode::Paused) {
        let next = wording::text(&RequestAnswer::ResumeFirst { model: key.clone() });
        return Ok(Some(refused(key.to_string(), format!("{} {next}", sentence(&outcome)))));
    }
    if let Some(reason) = never(core, known.model.hyper.family(), planning_request) {
        return Ok(Some(refused(key.to_string(), wording::text(&reason))));
    }
    let reason = sentence(&outcome);
    Ok(Some(match outcome.decision.verdict {
        Verdict::Retrain | Verdict::Recommended => {
            return enqueue(core, known, &outcome, planning_request, now).await;
        }
        Verdict::HeldBack | Verdict::NotNeeded if REFUSED.into_iter().any(held) => refused(key.to_string(), reason),
        Verdict::HeldBack | Verdict::NotNeeded => item(key, "skipped", &outcome, None, reason),
    }))
}

async fn enqueue(
    core: &Core,
    known: &ModelFacts,
    outcome: &PlanningOutcome,
    planning_request: &PlanningRequest,
    now: Timestamp,
) -> Result<Option<TrainingItem>> {
    let key = &known.model.key;
    let job = evaluate::new_job(known, outcome, planning_request, &core.settings, now);
    let decision = DecisionRecord::new(key, &outcome.decision, &outcome.priority, outcome.data, now);
    let fingerprint = evaluate::fingerprint(outcome);
    let seen = Timestamp::now();
    // The decision made anew, which follows, says what becomes of alerts.
    let (asked, alerts) = (true, Vec::new());
    let entry =
        EvaluationEntry { model: key.clone(), at: now, seen, decision, fingerprint, asked, alerts, job: Some(job) };
    let Written { entries, .. } = evaluate::write(core.db.begin().await?, vec![entry]).await?;
    let Some(job) = entries.into_iter().find_map(|entry| entry.job) else { return already(core, key, outcome).await };
    core.fault.at(Step::Enqueued).await;
    core.front_changed.notify_one();
    core.stale.model(key);
    core.events.job(&job);
    Ok(Some(item(key, "requested", outcome, Some(&job), sentence(outcome))))
}

/// It is in the backlog or running, unless it has just ended. A waiting row takes the better of its score and the one now asked for; it
/// never gets worse.
async fn already(core: &Core, key: &ModelKey, outcome: &PlanningOutcome) -> Result<Option<TrainingItem>> {
    let mut tx = core.db.begin().await?;
    let Some(mut job) = db::jobs::active_training(&mut tx, key).await? else {
        return Ok(None);
    };
    if job.state() == JobState::Queued && outcome.priority.score < job.score {
        job.score = outcome.priority.score;
        job.terms = outcome.terms();
        job.order_key = order_key(job.score, job.enqueued_at, core.settings.priority.aging_interval.as_secs_f64());
        db::jobs::save(&mut tx, &job).await?;
        tx.commit().await.map_err(db::Error::from)?;
        core.backlog_changed.notify_one();
    }
    let paused = outcome.decision.holds.iter().find(|hold| hold.code() == HoldCode::Paused);
    let held = paused.map(|hold| Box::new(hold.obstacle.clone()));
    let reason = wording::text(&RequestAnswer::AlreadyTraining { state: job.state(), held });
    let mut item = item(key, "already_training", outcome, Some(&job), reason);
    let beside = outcome.priority_beside_another(&core.settings);
    item.score = Some(beside.score);
    item.terms = beside.terms.iter().map(TermView::from).collect();
    Ok(Some(item))
}

/// The decision in a sentence or two.
fn sentence(outcome: &PlanningOutcome) -> String {
    let decision = &outcome.decision;
    let holds = decision.holds.iter().map(|hold| wording::text(&hold.obstacle));
    let reasons = decision.reasons.iter().map(wording::text);
    let remarks = decision.remarks.iter().map(wording::text);
    holds.chain(reasons).chain(remarks).collect::<Vec<_>>().join(" ")
}

fn item(key: &ModelKey, result: &str, outcome: &PlanningOutcome, job: Option<&Job>, reason: String) -> TrainingItem {
    TrainingItem {
        model: key.to_string(),
        result: result.into(),
        mode: job.and_then(|job| job.mode).or(outcome.decision.mode).map(|mode| mode.to_string()),
        job: job.map(|job| job.id.into_untyped_uuid()),
        score: Some(outcome.priority.score),
        terms: outcome.priority.terms.iter().map(TermView::from).collect(),
        why: reason,
    }
}

fn refused(model: String, reason: String) -> TrainingItem {
    TrainingItem { model, result: "refused".into(), mode: None, job: None, score: None, terms: Vec::new(), why: reason }
}

fn answer(items: Vec<TrainingItem>) -> TrainingAnswer {
    let count = |result: &str| items.iter().filter(|item| item.result == result).count() as u64;
    TrainingAnswer {
        requested: count("requested"),
        already_training: count("already_training"),
        skipped: count("skipped"),
        refused: count("refused"),
        items,
    }
}
