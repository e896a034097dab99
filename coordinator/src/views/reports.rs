//! Reports: what happened, and how things stand.

use chrono::{DateTime, NaiveDate, Utc};
use common::vocabulary::{Family, Loss};
use domain::alert::{AlertKind, Severity};
use domain::report::ReportKind;
use domain::schedule::ScheduleState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    AlertCounts, AlertView, CurveView, LedgerView, RunCounts, ScheduleRunView, SchedulerView, ToldView, VerdictView,
    VersionSummary, schemas,
};

/// What happened on a day or in a week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeriodReport {
    /// Of a day, or of a week.
    pub kind: ReportKind,
    /// What it is called, such as `2026/daily_report_20260611`.
    pub name: String,
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day, which belongs to it.
    pub last: NaiveDate,
    /// By whose clocks.
    pub zone: String,
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The instant after its last, or now where it is not over.
    pub to: DateTime<Utc>,
    /// Whether it is over.
    pub is_over: bool,
    /// When the report was made.
    pub made_at: DateTime<Utc>,
    /// How well it went.
    pub health: HealthFigures,
    /// The models as they stand.
    pub fleet: FleetFigures,
    /// Trainings that ended, by family.
    pub families: Vec<FamilyFigures>,
    /// Versions that went live or were taken back, newest first: as many as are shown.
    pub moves: Vec<LedgerView>,
    /// Versions that did not go live: as many as are shown.
    pub not_promoted: Vec<NotPromoted>,
    /// Models whose trainings failed, most failures first: as many as are shown.
    pub failures: Vec<ModelFailures>,
    /// Alerts.
    pub alerts: AlertFigures,
    /// Runs of schedules that ended.
    pub schedules: Vec<ScheduleFigures>,
    /// What came in and was answered.
    pub traffic: TrafficFigures,
    /// What the workers of each pool did.
    pub pools: Vec<PoolFigures>,
    /// How many jobs waited and ran, interval by interval: a quarter of an hour of a day, an hour of a week.
    pub activity: Vec<ActivityPoint>,
}

/// How well it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HealthFigures {
    /// Trainings that were completed.
    pub completed: u64,
    /// Trainings that failed.
    pub failed: u64,
    /// Trainings that somebody cancelled.
    pub cancelled: u64,
    /// Of the completed and the failed, the share of the completed; absent where there are none.
    pub success_rate: Option<f64>,
    /// Versions that went live.
    pub promoted: u64,
    /// Versions that were taken back because they did worse.
    pub taken_back: u64,
    /// Seconds that a completed training took, on average.
    pub mean_training_seconds: Option<f64>,
    /// Seconds that one waited for its start, on average.
    pub mean_waiting_seconds: Option<f64>,
    /// How often a live version was found to do clearly worse than at its promotion.
    pub degradations: u64,
    /// Minutes in which a coordinator led, and every pool that was wanted had a live worker, of those that are counted; absent where none
    /// is.
    pub availability: Option<f64>,
    /// Minutes that are counted: none before the first coordinator that counted them.
    pub minutes: u64,
    /// Of those, the ones in which a coordinator led.
    pub minutes_answered: u64,
}

/// The models as they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FleetFigures {
    /// How many there are.
    pub models: u64,
    /// With a live version.
    pub live: u64,
    /// Paused by somebody.
    pub paused: u64,
    /// That should be retrained, by their latest decisions.
    pub due: u64,
    /// That should be, and are held back.
    pub held_back: u64,
    /// Whose live version does worse than at its promotion.
    pub declined: u64,
}

/// The trainings of a family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FamilyFigures {
    /// The family.
    #[schema(value_type = schemas::Family)]
    pub family: Family,
    /// Models that were trained.
    pub models: u64,
    /// Trainings that were completed.
    pub completed: u64,
    /// Of those, the ones whose versions went live.
    pub promoted: u64,
    /// Trainings that failed.
    pub failed: u64,
    /// Trainings that somebody cancelled.
    pub cancelled: u64,
    /// Seconds that a completed one took, on average.
    pub mean_seconds: Option<f64>,
}

/// A version that did not go live.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotPromoted {
    /// The model.
    pub model: String,
    /// The version.
    pub version: String,
    /// What the judges said.
    pub verdict: Option<VerdictView>,
}

/// The trainings of a model that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelFailures {
    /// The model.
    pub model: String,
    /// How many.
    pub failures: u64,
    /// Why one of them did.
    pub reason: ToldView,
}

/// Alerts of a span of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertFigures {
    /// Raised, by kind.
    pub raised: Vec<KindCount>,
    /// Whose cause was gone.
    pub resolved: u64,
    /// That stand open now, by severity.
    pub open: AlertCounts,
    /// Those, newest first: as many as are shown.
    pub standing: Vec<AlertView>,
}

/// Alerts of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KindCount {
    /// The kind.
    pub kind: AlertKind,
    /// How many.
    pub count: u64,
}

/// How the runs of a schedule ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleFigures {
    /// The schedule; absent where somebody asked for a task without one.
    pub schedule: Option<String>,
    /// Its runs.
    #[serde(flatten)]
    pub runs: RunCounts,
}

/// What came in and was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrafficFigures {
    /// Imports that brought rows.
    pub imports: u64,
    /// Predictions that were served.
    pub predictions: u64,
    /// Of those, the ones whose outcome a person has told.
    pub labelled: u64,
}

/// What the workers of a pool did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PoolFigures {
    /// The pool.
    pub pool: String,
    /// Workers that ended an attempt.
    pub workers: u64,
    /// Attempts that ended.
    pub attempts: u64,
    /// Of those, the ones whose worker was heard of no more.
    pub lost: u64,
    /// Seconds from their start to their end, together.
    pub seconds: f64,
}

/// How many jobs waited and ran at some time of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivityPoint {
    /// When it begins.
    pub at: DateTime<Utc>,
    /// Jobs that waited.
    pub waiting: u64,
    /// Jobs that were handed out, running or judged.
    pub running: u64,
}

/// How schedules stand, and how their runs ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SchedulerReport {
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// By whose clocks days begin.
    pub zone: String,
    /// The scheduler as a whole, with the runs of the last 30 days.
    pub scheduler: SchedulerView,
    /// Each schedule, by name: as many as are shown.
    pub schedules: Vec<ScheduleLine>,
    /// The newest runs: as many as are shown.
    pub runs: Vec<ScheduleRunView>,
    /// Alerts about schedules and backups that stand open.
    pub alerts: Vec<AlertView>,
}

/// A schedule in a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleLine {
    /// What it is called.
    pub name: String,
    /// How it stands.
    pub state: ScheduleState,
    /// When it is due, in words.
    pub when: String,
    /// What it does.
    pub task: String,
    /// When it begins next.
    pub next: Option<DateTime<Utc>>,
    /// Its runs of the last 30 days.
    pub runs: RunCounts,
}

/// The history of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelReport {
    /// The model.
    pub model: String,
    /// Its family.
    #[schema(value_type = schemas::Family)]
    pub family: Family,
    /// When the report was made.
    pub made_at: DateTime<Utc>,
    /// The live version.
    pub live: Option<String>,
    /// P(skill > 0) of it, 0 to 1; absent when unknown.
    pub reliability: Option<f64>,
    /// Days since it was trained.
    pub age_days: Option<f64>,
    /// Rows that it was not given.
    pub new_rows: u64,
    /// What should be done about the model.
    pub action: ToldView,
    /// How it is judged.
    #[schema(value_type = Option<String>)]
    pub loss: Option<Loss>,
    /// Its versions, newest first: as many as are shown.
    pub versions: Vec<VersionSummary>,
    /// How its live pointer moved, newest first: as many moves as are shown.
    pub moves: Vec<LedgerView>,
    /// Mean losses of versions that were live on rows that none of them had seen, by day, oldest first.
    pub scores: Vec<DayScore>,
    /// Forecasts of a forecaster with what came, oldest first: those that were served, and of other days those that its live version was
    /// judged by.
    pub forecasts: Vec<ForecastPoint>,
    /// What the live version said on rows of its judgement against what came, in groups of equal size.
    pub reliability_diagram: Vec<ReliabilityPoint>,
    /// How the training of the live version went.
    pub curve: Vec<CurveView>,
}

/// How a version did on the rows of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DayScore {
    /// The day of the rows.
    pub date: NaiveDate,
    /// The version.
    pub version: String,
    /// Its mean loss.
    pub loss: f64,
    /// Its baseline's.
    pub baseline: f64,
    /// How many rows.
    pub rows: u64,
}

/// A forecast, and what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastPoint {
    /// The day that it was about.
    pub date: NaiveDate,
    /// The change that was forecast, percent.
    pub change_percent: f64,
    /// Its interval; absent of one that was made to be judged.
    pub interval_percent: Option<[f64; 2]>,
    /// The change that came, percent; absent while it has not.
    pub outcome_percent: Option<f64>,
}

/// A group of rows: what was said of them, and what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReliabilityPoint {
    /// What was said, on average: a probability, or a value in units of the target.
    pub expected: f64,
    /// What came, on average: a share, or a value.
    pub observed: f64,
    /// How many rows.
    pub rows: u64,
}

/// Makes a report, keeps it, and sends it where that is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// Of what.
    pub report: ReportKind,
    /// Of a day or a week: a day in it. The newest that is at least half over, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// Channels that it is sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub channels: Vec<String>,
}

/// A report that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KeptReport {
    /// What it is called.
    pub name: String,
    /// Of what it is.
    pub kind: ReportKind,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Its files: as text, JSON and HTML, and in the languages of the channels that it was sent to.
    pub files: Vec<String>,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// A report that was made and is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MadeReport {
    /// What it is called.
    pub name: String,
    /// Channels that it is on its way to.
    pub channels: Vec<String>,
}

impl AlertFigures {
    /// How many were raised.
    pub fn raised(&self) -> u64 {
        self.raised.iter().map(|kind| kind.count).sum()
    }

    /// How many stand open at a severity.
    pub fn open_at(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Critical => self.open.critical,
            Severity::Warning => self.open.warning,
            Severity::Info => self.open.info,
        }
    }
}
