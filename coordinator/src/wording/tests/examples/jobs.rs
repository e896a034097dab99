//! Why jobs are as they are, and what they wait for.

use common::vocabulary::{DeviceKind, FailureClass, Family, JobId, JobState, ModelKey, Pool, Timestamp, WorkerId};
use domain::answer::RequestAnswer;
use domain::decide::{FromScratch, Obstacle};
use domain::job_reason::{JobReason, Library, Original, Unscored};
use domain::job_status::{JobStatus, NextStep};
use domain::judge::{Against, Finding};
use domain::meant::Unmeant;
use domain::offers::{Never, Wanted};

use super::{alerts, day, version};

fn model() -> ModelKey {
    "forecaster/AAPL".parse().unwrap()
}

fn pool(name: &str) -> Pool {
    name.parse().unwrap()
}

pub(super) fn libraries() -> Vec<Library> {
    let (name, was) = ("libtorch".to_owned(), "2.8.0".to_owned());
    let changed = Library::Changed { name: name.clone(), was: was.clone(), is: "2.9.0".into() };
    vec![changed, Library::Absent { name, was }]
}

pub(super) fn unscored() -> Vec<Unscored> {
    vec![Unscored::NotScored { model: model(), error: "its weights are damaged".into() }]
}

pub(super) fn reasons() -> Vec<JobReason> {
    let (job, v2) = (JobId::max(), version(2));
    let finding = || Finding::Better { against: Against::Champion, confidence: 0.95 };
    let scored = |models, unscored, alerts| JobReason::Scored { rows: 120, models, unscored, alerts };
    let repeated =
        |original, file: Option<&str>| JobReason::Repeated { of: version(1), original, file: file.map(str::to_owned) };
    let differs =
        |libraries| JobReason::Differs { of: version(1), libraries, figure: "CRPS".into(), difference: -0.000_2 };
    vec![
        JobReason::CompleteInstead { reason: FromScratch::NoLive },
        JobReason::MadeAnew,
        JobReason::Tried { loss: 0.004_217 },
        JobReason::PoolDrained { pool: pool("gpu") },
        JobReason::MakesRoom { job, model: Some(model()), points: 42.5 },
        JobReason::MakesRoom { job, model: None, points: 30.0 },
        JobReason::AttemptEnded { number: 3, class: FailureClass::Code, message: "as told".into() },
        JobReason::Unusable { message: "weights.safetensors of its artifact is damaged: another hash".into() },
        JobReason::TurnedDown { message: "it is of version 9 of the protocol".into() },
        JobReason::Cancelled,
        JobReason::CancelledTooLate { version: v2 },
        JobReason::Done,
        JobReason::Scores { models: 1, first: vec!["forecaster/AAPL v1.0".into()], more: false },
        JobReason::Scores {
            models: 4,
            first: vec!["forecaster/AAPL v1.0".into(), "text/spam v2.0".into()],
            more: true,
        },
        scored(1, Vec::new(), Vec::new()),
        scored(3, unscored(), alerts::causes().into_iter().take(3).collect()),
        JobReason::Live { version: v2, finding: finding() },
        JobReason::Rejected { version: v2, finding: finding() },
        JobReason::Waits { version: v2, finding: finding() },
        JobReason::NothingToJudge { version: v2, status: "live".into() },
        JobReason::NothingToJudge { version: v2, status: "retired".into() },
        JobReason::Superseded { version: v2, model: model() },
        JobReason::ScoredAgain { job, version: v2 },
        JobReason::NothingComes { lost: "losses.parquet is gone".into() },
        JobReason::CannotBeJudged { version: v2, lost: "losses.parquet is gone".into() },
        repeated(Original::Whole, None),
        repeated(Original::WholeAgain, None),
        repeated(Original::Lacks, Some("losses.parquet")),
        differs(Vec::new()),
        differs(libraries()),
        JobReason::KnownFromBackup { backup: "20260102T030405.678Z-v1.0".into(), version: v2 },
        JobReason::Recorded { text: "as an earlier release has said it".into() },
    ]
}

pub(super) fn statuses() -> Vec<JobStatus> {
    let (cpu, gpu) = (|| pool("cpu"), || pool("gpu"));
    let since = Timestamp::end_of(day("2026-04-11")).utc();
    let held = |dispatch_pool, yielding, refused: Option<&str>| JobStatus::Held {
        worker: WorkerId::max(),
        dispatch_pool,
        pool: gpu(),
        yielding,
        refused: refused.map(str::to_owned),
    };
    vec![
        JobStatus::HeldUp { trouble: "its object cannot be read".into() },
        JobStatus::Cancelling,
        JobStatus::ModelPaused { since, reason: None },
        JobStatus::ModelPaused { since, reason: Some("bad feed".into()) },
        JobStatus::PoolPaused { pool: gpu(), since, reason: None },
        JobStatus::PoolDrained { pool: gpu(), since, reason: Some("new driver".into()) },
        JobStatus::NoSuchWorker { reason: nevers().remove(1) },
        JobStatus::NoWorker { pool: gpu() },
        JobStatus::NoDevice { pool: gpu(), needs: Wanted { device: Some(DeviceKind::Cuda), memory: None } },
        JobStatus::TriedAgain { at: since },
        JobStatus::NotFrozen,
        JobStatus::StandIn { slots: 2, dispatch_pool: cpu(), pool: gpu() },
        JobStatus::StandIn { slots: 1, dispatch_pool: cpu(), pool: gpu() },
        JobStatus::InLine { position: 3, slots: 2, pool: cpu() },
        JobStatus::FarBack { counted: 1000, pool: cpu() },
        JobStatus::Unheard { pool: gpu() },
        JobStatus::Dispatched { pool: cpu() },
        held(None, false, None),
        held(Some(cpu()), true, Some("no space left")),
        JobStatus::Judging,
    ]
}

pub(super) fn next_steps() -> Vec<NextStep> {
    vec![
        NextStep::ResumeModel { model: model() },
        NextStep::ResumePool { pool: pool("gpu") },
        NextStep::ListPools,
        NextStep::ListDevices,
        NextStep::StartWorker { pool: pool("gpu") },
    ]
}

pub(super) fn unmeant() -> Vec<Unmeant> {
    let setting = || "compat.classifier".to_owned();
    vec![
        Unmeant::NoModel { family: Family::Text },
        Unmeant::Several { family: Family::Recommender, setting: setting() },
        Unmeant::OfAnotherFamily { family: Family::Text, setting: setting(), model: model() },
    ]
}

pub(super) fn answers() -> Vec<RequestAnswer> {
    let held = Some(Box::new(Obstacle::Paused { since: day("2026-04-11"), reason: None }));
    vec![
        RequestAnswer::AlreadyTraining { state: JobState::Running, held: None },
        RequestAnswer::AlreadyTraining { state: JobState::Queued, held },
        RequestAnswer::ResumeFirst { model: model() },
        RequestAnswer::NoSuchModel { category: None },
        RequestAnswer::NoSuchModel { category: Some("portfolio".into()) },
        RequestAnswer::Cancelled,
        RequestAnswer::CancelledAndStopping,
        RequestAnswer::BeingCancelled,
        RequestAnswer::TooLateToCancel,
    ]
}

pub(super) fn nevers() -> Vec<Never> {
    let (device, memory) = (Some(DeviceKind::Cuda), Some(40 << 30));
    let not_there = |device, memory| Never::NotThere { pool: pool("lab"), needs: Wanted { device, memory } };
    vec![
        Never::NoSuchPool { pool: pool("lab"), pools: vec![pool("cpu"), pool("gpu")] },
        Never::NoneHasIt { pool: pool("lab"), needs: Wanted { device, memory: None } },
        Never::NotOffered {
            pool: pool("gpu"),
            needs: Wanted { device: None, memory },
            offered: "cuda, 24.0 GiB".into(),
        },
        not_there(device, memory),
        not_there(None, None),
        Never::OnTheProcessor { family: Family::Tabular },
    ]
}
