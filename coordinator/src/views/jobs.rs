//! Jobs: the backlog, attempts, progress.

use chrono::{DateTime, Utc};
use common::vocabulary::CurvePoint;
use domain::job_reason::JobReason;
use domain::job_status::JobStatus;
use domain::score::Term;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Numbers, ToldView, schemas};

/// A job and everything known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Its id.
    pub id: Uuid,
    /// What it does.
    #[schema(value_type = schemas::JobKind)]
    pub kind: String,
    /// The model.
    pub model: Option<String>,
    /// The training mode.
    #[schema(value_type = Option<schemas::Mode>)]
    pub mode: Option<String>,
    /// The pool it belongs to.
    pub pool: String,
    /// The pool that stands in for that one: its own has no live worker, and the settings allow it.
    pub stand_in: Option<String>,
    /// Its state.
    #[schema(value_type = schemas::JobState)]
    pub state: String,
    /// Its score, aging taken off: lower runs sooner.
    pub score: f64,
    /// The terms of the score.
    pub terms: Vec<TermView>,
    /// Place in the line, from 1, while queued.
    pub position: Option<u64>,
    /// Why it waits, or why it ended as it did, in the language of whoever asks.
    pub why: String,
    /// Where it stands, by its code; absent once it has ended.
    #[serde(default)]
    #[schema(schema_with = schemas::message::<JobStatus>)]
    pub standing: Option<ToldView>,
    /// What has happened to it, or what came of it, by its code.
    #[serde(default)]
    #[schema(schema_with = schemas::message::<JobReason>)]
    pub reason: Option<ToldView>,
    /// What keeps it in the line until somebody does something about it; absent where waiting helps.
    #[serde(default)]
    pub blocked: Option<BlockedView>,
    /// When it entered the line.
    pub enqueued_at: DateTime<Utc>,
    /// The "now" of the decision behind it.
    pub as_of: DateTime<Utc>,
    /// When its latest attempt started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Every attempt, oldest first.
    pub attempts: Vec<AttemptView>,
    /// Times it made room for a more urgent job.
    pub preemptions: u32,
    /// For a job cancelled while it ran: seconds from the request until a heartbeat showed its slot to be free.
    pub slot_free_seconds: Option<f64>,
    /// Where it stands, while running.
    pub progress: Option<ProgressView>,
    /// Loss per epoch, of the latest attempt that told any.
    pub curve: Vec<CurveView>,
    /// The version that it trains again, from its manifest: it leads to none of its own.
    #[serde(default)]
    pub reproduces: Option<String>,
    /// The version it led to.
    pub version: Option<String>,
    /// How that was judged.
    pub verdict: Option<super::VerdictView>,
    /// For a reproduction that has ended: how alike the two versions are.
    pub comparison: Option<ComparisonView>,
    /// Of a batch prediction: its rows, and what came of them.
    #[serde(default)]
    pub batch: Option<BatchView>,
}

/// What keeps a job in the line until somebody does something about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BlockedView {
    /// What it is.
    pub by: Blocker,
    /// The same in words.
    pub text: String,
    /// What would let the job go on.
    pub next: String,
}

/// What can keep a job in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Blocker {
    /// Its model is paused.
    PausedModel,
    /// Its pool is paused or drained.
    ClosedPool,
    /// No worker that there is or may come has what it needs.
    NoSuchWorker,
    /// No worker of its pool lives now, or none that does has what it needs.
    NoWorker,
}

/// A batch prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchView {
    /// The version that predicts: the one that was live when the rows came in.
    pub version: String,
    /// Rows to be predicted.
    pub rows: u64,
    /// SHA-256 of the file of predictions, once there is one: `GET /jobs/{id}/output` shows it as CSV.
    pub output: Option<String>,
}

/// A version that was trained again, against the original.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparisonView {
    /// The version that was repeated.
    pub of: String,
    /// The weights are the same to the bit.
    pub identical: bool,
    /// Mean loss of the repetition minus that of the original, each on its own unseen rows.
    pub loss_difference: f64,
    /// In words.
    pub text: String,
}

/// What came of a cancellation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CancelAnswer {
    /// The job as it is now.
    pub job: JobView,
    /// In words: cancelled at once, being stopped, or too late because the result was sealed first.
    pub outcome: String,
    /// A worker held it and has been told to stop: `job.slot_free_seconds` is there once the slot is free.
    pub stopping: bool,
}

/// One term of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TermView {
    /// In words, such as `category portfolio`, in the language of whoever asks.
    pub name: String,
    /// Points; negative is sooner.
    pub points: f64,
    /// What it is, such as `no_live_version`; empty for one that an earlier release has left.
    #[serde(default)]
    #[schema(schema_with = schemas::codes::<Term>)]
    pub code: String,
    /// Its numbers, by name.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// One attempt at a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttemptView {
    /// From 1.
    pub number: u32,
    /// Who ran it.
    pub worker: Option<Uuid>,
    /// When it was claimed.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// `result`, or the class of its failure.
    pub outcome: Option<String>,
    /// What went wrong.
    pub message: Option<String>,
    /// The step it went on from.
    pub resumed_from: Option<u64>,
}

/// Where a running job stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgressView {
    /// What it is doing.
    pub phase: String,
    /// Epoch under way.
    pub epoch: u32,
    /// Epochs planned.
    pub epochs: u32,
    /// Steps done.
    pub step: u64,
    /// Steps planned at most.
    pub steps: u64,
    /// Training loss so far in this epoch.
    pub loss: Option<f64>,
    /// Estimate of what is left, seconds.
    pub seconds_left: Option<f64>,
}

/// A point of the loss curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CurveView {
    /// From 1.
    pub epoch: u32,
    /// Training loss.
    pub train_loss: f64,
    /// Validation loss.
    pub validation_loss: f64,
}

impl From<&CurvePoint> for CurveView {
    fn from(point: &CurvePoint) -> Self {
        Self { epoch: point.epoch, train_loss: point.train_loss, validation_loss: point.validation_loss }
    }
}
