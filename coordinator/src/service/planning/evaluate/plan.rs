//! One model, one request: the decision and the position in the backlog, as the pure rules say.

use std::collections::BTreeMap;

use common::settings::{Policy, Settings};
use common::vocabulary::{Hyper, JobKind, Mode, Needs, Pool, Timestamp};
use domain::decide::{self, Decision, Rules, decide};
use domain::freshness::DataAge;
use domain::offers;
use domain::score::{LiveStatus, Priority, ScoreInputs, score};
use domain::transition::Lifecycle;

use crate::db::jobs::{Job, Purpose, Request};
use crate::db::terms::TermRecord;
use crate::service::facts::ModelFacts;
use crate::service::runtime::job_telemetry;

/// What is asked of a model beyond "is it due?".
#[derive(Debug, Clone, Default)]
pub(crate) struct PlanningRequest {
    /// The mode; chosen from the facts if left out.
    pub(crate) mode: Option<Mode>,
    /// Skip decision, cool-down and back-off.
    pub(crate) force: bool,
    /// A person or a schedule asks.
    pub(crate) asked: bool,
    /// Replaces the category's base and the position.
    pub(crate) priority: Option<f64>,
    /// Position in the list asked for, from 0.
    pub(crate) position: u32,
    /// Hyper-parameters for this training only; the model's, if left out.
    pub(crate) hyper: Option<Hyper>,
    /// Also train completely, to report the gap.
    pub(crate) yardstick: bool,
    /// Where to train; the pool of the settings, if left out.
    pub(crate) pool: Option<Pool>,
    /// What it needs of a device there.
    pub(crate) needs: Needs,
    /// So many new rows are enough, and fewer are not; as the policy says, if left out.
    pub(crate) min_new_rows: Option<u32>,
    /// What it is asked for.
    pub(crate) purpose: Purpose,
}

/// What the rules say.
#[derive(Debug, Clone)]
pub(crate) struct PlanningOutcome {
    /// To retrain or not.
    pub(crate) decision: Decision,
    /// What its position in the backlog depends on.
    inputs: ScoreInputs,
    /// The policy it was made by.
    policy: Policy,
    /// That position: the score and its terms.
    pub(crate) priority: Priority,
    /// How old the newest row is.
    pub(crate) data: Option<DataAge>,
}

/// Decides and scores.
pub(crate) fn plan(
    known: &ModelFacts,
    planning_request: &PlanningRequest,
    settings: &Settings,
    now: Timestamp,
) -> PlanningOutcome {
    let policy = match planning_request.min_new_rows {
        Some(rows) => known.policy.with_enough_new(rows),
        None => known.policy.clone(),
    };
    let rules = Rules { bands: policy.bands(known.model.hyper.family()), policy, zone: settings.schedules.zone };
    let hyper = planning_request.hyper.as_ref().unwrap_or(&known.model.hyper);
    let source = known.model.source.as_ref();
    let request = decide::Request {
        mode: planning_request.mode,
        force: planning_request.force,
        asked: planning_request.asked,
        hyper: Some(hyper),
        other_shape: hyper.shape(source) != known.model.hyper.shape(source),
    };
    let decision = decide(&known.facts, &rules, &request, now);
    let live = match &known.facts.live {
        None => LiveStatus::NoModel,
        Some(live) => LiveStatus::Live {
            outdated: decision.is_outdated(),
            reliability: live.reliability,
            hopeless: decision.holds.iter().any(|hold| match hold.code() {
                decide::HoldCode::BackOff | decide::HoldCode::Exhausted => true,
                decide::HoldCode::Crowd
                | decide::HoldCode::Waiting
                | decide::HoldCode::RolledBack
                | decide::HoldCode::OutsideHours => false,
                decide::HoldCode::Paused
                | decide::HoldCode::DataQuality
                | decide::HoldCode::ColumnEmptied
                | decide::HoldCode::Failed
                | decide::HoldCode::TooFewRows
                | decide::HoldCode::Hindsight
                | decide::HoldCode::NothingNew
                | decide::HoldCode::ActiveTraining
                | decide::HoldCode::CoolDown => false,
            }),
        },
    };
    let inputs = ScoreInputs {
        category: known.model.category.clone(),
        priority: planning_request.priority,
        position: planning_request.position,
        live,
        already_training: false,
    };
    let policy = rules.policy;
    let priority = score(&inputs, &settings.priority, &policy);
    let data = known.facts.newest.map(|newest| DataAge::of(newest, now, policy.max_data_age_days));
    PlanningOutcome { decision, inputs, policy, priority, data }
}

impl PlanningOutcome {
    /// The score in the answer to somebody whose model is already training or in the backlog.
    pub(crate) fn priority_beside_another(&self, settings: &Settings) -> Priority {
        score(&ScoreInputs { already_training: true, ..self.inputs.clone() }, &settings.priority, &self.policy)
    }

    /// The terms of its position, as they are stored.
    pub(crate) fn terms(&self) -> Vec<TermRecord> {
        self.priority.terms.iter().map(TermRecord::from).collect()
    }
}

/// The job a plan leads to, not yet in the backlog. Its position counts from the wall clock, its training from `now`.
pub(crate) fn new_job(
    known: &ModelFacts,
    outcome: &PlanningOutcome,
    planning_request: &PlanningRequest,
    settings: &Settings,
    now: Timestamp,
) -> Job {
    let hyper = planning_request.hyper.clone().unwrap_or_else(|| known.model.hyper.clone());
    let pool = planning_request.pool.clone().unwrap_or_else(|| settings.coordinator.pool.clone());
    let aging = settings.priority.aging_interval.as_secs_f64();
    let mut job = Job {
        model: Some(known.model.key.clone()),
        mode: outcome.decision.mode,
        terms: outcome.terms(),
        as_of: now,
        lifecycle: Lifecycle::new(true, hyper.batch_size().unwrap_or_default()),
        request: Some(Request {
            hyper,
            split: known.policy.split(),
            yardstick: planning_request.yardstick || known.policy.yardstick,
            challenger: None,
            needs: offers::pressing(known.model.hyper.family(), planning_request.needs),
            purpose: planning_request.purpose,
        }),
        ..Job::entering(JobKind::Train, pool, outcome.priority.score, aging)
    };
    job.trace = job_telemetry::decided(&job);
    job
}

/// A model's hyper-parameters with some replaced, checked.
pub(crate) fn hyper(base: &Hyper, changes: &BTreeMap<String, String>) -> Result<Hyper, common::vocabulary::HyperError> {
    base.with(changes.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}
