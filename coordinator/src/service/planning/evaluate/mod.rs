//! Evaluation: facts of many models become decisions, decisions are kept, and what is due enters the backlog.
//!
//! The facts about a model are read in one consistent view, those about a large fleet page by page; decisions are written in short
//! transactions, so that nothing else waits for it.

mod again;
mod alerts;
mod closer;
mod moment;
mod overlook;
mod plan;
mod round;
mod stale;
mod tally;

use std::collections::HashSet;

use common::settings::Settings;
use common::vocabulary::{JobId, ModelKey, Timestamp};
use domain::alert::Change;
use domain::decide::Verdict;

pub(crate) use self::again::score_again;
use self::alerts::OpenAlerts;
pub(crate) use self::closer::look_closer;
pub(crate) use self::moment::moment;
pub(crate) use self::overlook::overlook;
pub(crate) use self::plan::{PlanningOutcome, PlanningRequest, hyper, new_job, plan};
use self::round::{Round, decide};
pub(crate) use self::stale::{anew, round as keep_true};
use self::tally::Tally;
use crate::db::{
    self,
    alerts::{Alert, news::Kind},
    decisions::{DecisionRecord, StoredDecision},
    jobs::Job,
};
use crate::service::error::Result;
use crate::service::facts::ModelFacts;
use crate::service::runtime::lookup;
use crate::service::runtime::pages::{self, PageRequest};
use crate::service::runtime::{Core, Refit};
use crate::views::{CheckRequest, DecisionFilter, DecisionVerdict, DecisionView, EvaluationAnswer, Page};

impl Refit {
    /// Decides which models need a training, and enqueues what is due if asked to. Only the decisions that are shown are put into words.
    ///
    /// # Errors
    /// A model named does not exist; the limit is out of range.
    pub async fn check(&self, request: CheckRequest) -> Result<EvaluationAnswer> {
        let shown = match (request.limit, request.models.len()) {
            (None, named @ 1..) => named,
            (limit, _) => pages::limit(limit)? as usize,
        };
        Ok(check(&self.core, request, shown).await?.answer())
    }

    /// A page of the latest decisions, by model.
    ///
    /// # Errors
    /// The cursor or the limit makes no sense.
    pub async fn decisions(&self, filter: DecisionFilter) -> Result<Page<DecisionView>> {
        let DecisionFilter { verdict, limit, cursor } = filter;
        let asked = PageRequest::new(format!("decisions {verdict:?}"), limit, cursor.as_deref())?;
        let (mut view, verdict) = (self.core.db.read().await?, verdict.map(DecisionVerdict::beginning));
        let latest = db::pages::decisions::behind(&mut view, verdict, asked.after.as_ref(), asked.rows()).await?;
        Ok(asked.page(latest, |(model, _)| model.clone())?.map(|(_, decision)| DecisionView::from(decision)))
    }

    /// How the decisions about a model changed, oldest first: verdict or reasons, the "no" included.
    ///
    /// # Errors
    /// There is no such model.
    pub async fn decision_history(&self, key: &ModelKey) -> Result<Vec<DecisionView>> {
        let mut view = self.core.db.snapshot().await?;
        lookup::model::find(&mut view, key).await?;
        Ok(db::decisions::history(&mut view, key).await?.into_iter().map(DecisionView::from).collect())
    }
}

/// Decides on all models.
pub(crate) async fn round(core: &Core) -> Result<()> {
    let request = CheckRequest { enqueue: true, ..CheckRequest::default() };
    let Tally { models, enqueued, .. } = check(core, request, 0).await?;
    tracing::info!(models, enqueued, "all models have been decided on");
    Ok(())
}

/// Decides on the models asked for (all, if none are named) and keeps the decisions; so many are to be shown.
async fn check(core: &Core, request: CheckRequest, shown: usize) -> Result<Tally> {
    let models = request.models.iter().map(|key| Ok(key.parse()?)).collect::<Result<Vec<ModelKey>>>()?;
    let round = Round { now: moment(request.as_of)?, enqueue: request.enqueue, ranked: true };
    decide(core, &models, round, Tally::new(shown)).await
}

/// One model's share of an evaluation.
pub(crate) struct EvaluationEntry {
    pub(crate) model: ModelKey,
    pub(crate) at: Timestamp,
    /// When its facts were read, by the wall clock.
    pub(crate) seen: Timestamp,
    pub(crate) decision: DecisionRecord,
    pub(crate) fingerprint: String,
    /// It goes into the history also where verdict and reasons are as before: somebody asked.
    pub(crate) asked: bool,
    /// What becomes of the alerts about the model.
    pub(crate) alerts: Vec<Change>,
    pub(crate) job: Option<Job>,
}

/// What has been written of an evaluation.
pub(crate) struct Written {
    /// Without the jobs of models that have got a training meanwhile.
    pub(crate) entries: Vec<EvaluationEntry>,
    /// What has happened to alerts by it.
    pub(crate) news: Vec<(Kind, Alert)>,
}

impl EvaluationEntry {
    /// Decides on a model; with a job, if it is due and may enter the backlog.
    fn new(
        known: &ModelFacts,
        planning_request: &PlanningRequest,
        settings: &Settings,
        (now, seen): (Timestamp, Timestamp),
        enqueue: bool,
        open: &mut OpenAlerts,
    ) -> Self {
        let model = known.model.key.clone();
        let outcome = plan(known, planning_request, settings, now);
        let due = enqueue && outcome.decision.verdict == Verdict::Retrain;
        let fingerprint = fingerprint(&outcome);
        Self {
            at: now,
            seen,
            decision: DecisionRecord::new(&model, &outcome.decision, &outcome.priority, outcome.data, now),
            asked: false,
            alerts: open.changes(known, &outcome.decision, settings, now),
            fingerprint,
            job: due.then(|| new_job(known, &outcome, planning_request, settings, now)),
            model,
        }
    }
}

/// Writes decisions and the jobs they lead to; a job whose model has got a training meanwhile is left out of its entry.
pub(crate) async fn write(mut tx: db::Transaction, mut entries: Vec<EvaluationEntry>) -> Result<Written> {
    let jobs: Vec<&Job> = entries.iter().filter_map(|entry| entry.job.as_ref()).collect();
    let entered: HashSet<JobId> = db::jobs::insert(&mut tx, &jobs).await?.into_iter().collect();
    let mut stored = Vec::with_capacity(entries.len());
    for entry in entries.iter_mut() {
        entry.job = entry.job.take().filter(|job| entered.contains(&job.id));
        let job = entry.job.as_ref().map(|job| job.id);
        entry.decision.leading_to(job);
        let (model, fingerprint) = (entry.model.clone(), entry.fingerprint.clone());
        stored.push(StoredDecision {
            model,
            at: entry.at,
            seen: entry.seen,
            fingerprint,
            job,
            body: serde_json::to_string(&entry.decision)?,
        });
    }
    let changed = db::decisions::put(&mut tx, &stored).await?;
    let remembered =
        stored.iter().zip(entries.iter()).filter(|(stored, entry)| entry.asked || changed.contains(&stored.model));
    db::decisions::remember(&mut tx, &remembered.map(|(stored, _)| stored).collect::<Vec<_>>()).await?;
    let changes = entries.iter_mut().flat_map(|entry| std::mem::take(&mut entry.alerts)).collect();
    let news = db::alerts::write(&mut tx, changes, Timestamp::now()).await?;
    tx.commit().await.map_err(db::Error::from)?;
    Ok(Written { entries, news })
}

/// What makes two decisions the same: verdict, reasons and holds, not their numbers.
pub(crate) fn fingerprint(outcome: &PlanningOutcome) -> String {
    let decision = &outcome.decision;
    let reasons: Vec<&str> = decision.reasons.iter().map(|reason| reason.code().as_str()).collect();
    let holds: Vec<&str> = decision.holds.iter().map(|hold| hold.code().as_str()).collect();
    format!("{}|{}|{}", decision.verdict, reasons.join(","), holds.join(","))
}
