//! What the coordinator shows of itself: the bodies of the API, produced by `service` and read by the command line.
//!
//! Times are RFC 3339 in UTC, ages in days, durations in seconds, scores in points (lower is sooner).

mod access;
mod alerts;
mod backups;
mod compare;
mod data;
mod datasets;
mod dead_letters;
mod evaluation;
mod events;
mod explanation;
mod from_domain;
mod health;
mod inputs;
mod jobs;
mod message;
mod models;
mod pages;
mod pools;
mod predictions;
mod problem;
mod replays;
mod reports;
mod requests;
mod schedules;
pub(crate) mod schemas;
mod searches;
mod summaries;

pub use access::{AuditFilter, CallView, NewTokenView, Outcome, TokenRequest, TokenView};
pub use alerts::{
    AlertFilter, AlertState, AlertView, ChannelRequest, ChannelView, MessageView, NewChannelView, SilenceRequest,
    SilenceView,
};
pub use backups::{BackupRequest, BackupView, RestoreAnswer, RestoreRequest};
pub use compare::{CompareView, DifferenceView, EstimateView, FigureView, HyperView, SideView};
pub use data::{
    CleanupReport, DeviceView, ForecastOutcome, ForecastView, ImportReport, RefusedRow, WorkerState, WorkerView,
};
pub use datasets::{ColumnView, DatasetView, TableImportReport, TableImportRequest};
pub use dead_letters::{DeadLetterView, DeadLettersView};
pub use evaluation::{EvaluationAnswer, VerdictCounts};
pub use events::{AlertEvent, Event, EventFilter, EventKind, ImportEvent, JobEvent, RowsEvent, VerdictEvent};
pub use explanation::{DurationView, ExplanationView};
pub use health::{AlertCounts, BreachView, HealthAnswer, HealthView, InvariantView, StillView, TaskState, TaskView};
pub use inputs::{InputView, InputsView};
pub use jobs::{
    AttemptView, BatchView, BlockedView, Blocker, CancelAnswer, ComparisonView, CurveView, JobView, ProgressView,
    TermView,
};
pub use message::{Numbers, ToldView};
pub use models::{
    DataAgeView, DecisionView, GapView, HoldView, ImportanceView, IncrementalReport, LedgerView, ModelView,
    PolicyKeyView, ReasonView, ReportRow, ShadowView, SliceView, VerdictView, VersionView, WatchView,
};
pub use pages::{Page, PageQuery};
pub use pools::{PauseRequest, PauseView, PoolState, PoolView, ScalingView};
pub use predictions::{
    BatchPredictRequest, GivenLabel, GivenRating, LabelRequest, LabelsReport, ListedItemView, LoggedPredictionView,
    LoggedPredictionsView, PredictRowsRequest, PredictionFilter, PredictionView, PredictionsView, RecommendRequest,
    RecommendationsView, RefusedLabel, ServedScoreView,
};
pub use problem::Problem;
pub use replays::{NamedPolicy, ReplayOutcome, ReplayRequest, ReplayView, WeekLoss};
pub use reports::{
    ActivityPoint, AlertFigures, DayScore, FamilyFigures, FleetFigures, ForecastPoint, HealthFigures, KeptReport,
    KindCount, MadeReport, ModelFailures, ModelReport, NotPromoted, PeriodReport, PoolFigures, ReliabilityPoint,
    ReportRequest, ScheduleFigures, ScheduleLine, SchedulerReport, TrafficFigures,
};
pub use requests::{
    BatchRequest, CheckRequest, CleanupRequest, DecisionFilter, DecisionVerdict, ForecastRequest, JobFilter, JobWait,
    ModelFilter, ModelRequest, MonitorAnswer, MonitorRequest, PolicyValue, ProbeAnswer, ProbeRequest, PromoteRequest,
    TrainingAnswer, TrainingItem, TrainingRequest, WorkerFilter,
};
pub use schedules::{DueView, RunCounts, ScheduleRequest, ScheduleRunView, ScheduleView, SchedulerView, TaskRequest};
pub use searches::{BestTrialView, SearchFilter, SearchRequest, SearchView, TrialView};
pub use summaries::{DecisionSummary, JobSummary, LiveSummary, ModelSummary, VersionSummary};
