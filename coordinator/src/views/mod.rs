//! What the coordinator shows of itself: the bodies of the API, produced by `service` and read by the command line.
//!
//! Times are RFC 3339 in UTC, ages in days, durations in seconds, scores in points (lower is sooner).

mod data;
mod jobs;
mod models;
mod requests;

pub use data::{CleanupReport, ForecastView, ImportReport, RefusedRow, WorkerView};
pub use jobs::{AttemptView, CurveView, Event, JobView, ProgressView, TermView};
pub use models::{DecisionView, GapView, HoldView, LedgerView, ModelView, ReasonView, ReportRow, IncrementalReport, VerdictView, VersionView};
pub use requests::{BatchRequest, CheckRequest, CleanupRequest, ForecastRequest, ModelRequest, PromoteRequest, TrainingAnswer, TrainingItem, TrainingRequest};
