//! What the coordinator shows of itself: the bodies of the API, produced by `service` and read by the command line.
//!
//! Times are RFC 3339 in UTC, ages in days, durations in seconds, scores in points (lower is sooner).

mod data;
mod from_domain;
mod jobs;
mod models;
mod problem;
mod requests;

pub use data::{CleanupReport, ForecastView, HealthView, ImportReport, InvariantView, RefusedRow, WorkerView};
pub use jobs::{AttemptView, CancelAnswer, ComparisonView, CurveView, Event, JobView, ProgressView, TermView};
pub use models::{
    DecisionView, GapView, HoldView, IncrementalReport, LedgerView, ModelView, ReasonView, ReportRow, VerdictView,
    VersionView,
};
pub use problem::Problem;
pub use requests::{
    BatchRequest, CheckRequest, CleanupRequest, ForecastRequest, JobFilter, ModelRequest, PromoteRequest,
    TrainingAnswer, TrainingItem, TrainingRequest,
};
