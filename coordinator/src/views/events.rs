//! Events: what `GET /api/v1/events` streams, and which of them somebody wants to hear.
//!
//! An event says what changed: ids, states, numbers. Details are read where they are wanted, from the resource it names.

use chrono::NaiveDate;
use common::vocabulary::{JobKind, JobState};
use domain::alert::{AlertKind, Severity};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{ImportReport, Numbers, ProgressView, TableImportReport, ToldView, schemas};
use crate::db::alerts::{Alert, news::Kind};
use crate::db::decisions::DecisionRecord;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A job is in a state: `GET /jobs/{job}` shows it.
    Job(JobEvent),
    /// A running job got on.
    Progress {
        /// The job.
        job: Uuid,
        /// Its model.
        model: String,
        /// Where it stands.
        progress: ProgressView,
    },
    /// A version was judged, or made live by hand: `GET /models/{model}/versions/{version}` shows it.
    Verdict(VerdictEvent),
    /// Somebody should know.
    Alert(AlertEvent),
    /// A decision was made: `GET /models/{model}` shows its reasons.
    Decision {
        /// The model.
        model: String,
        /// `retrain`, `recommended`, `held_back` or `not_needed`.
        verdict: String,
        /// The mode the reasons ask for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<String>,
        /// The score its training would have, or has, in the line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        score: Option<f64>,
        /// The job it led to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<Uuid>,
    },
    /// Daily bars came in.
    Import(ImportEvent),
    /// Rows of a data set came in.
    Rows(RowsEvent),
    /// Something was left out here, for it came faster than it could be sent, or before this connection: read anew what is shown.
    Missed,
}

/// Something has happened to an alert: `GET /alerts/{id}` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertEvent {
    /// Its number.
    pub id: i64,
    /// The model it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `raised`, `escalated` or `resolved`.
    #[schema(value_type = schemas::AlertNews)]
    pub state: String,
    /// How soon somebody should look.
    pub severity: Severity,
    /// What it is about, such as `degraded`.
    pub kind: AlertKind,
    /// What it says, in English: an event is made once for all who hear of it.
    pub text: String,
    /// Its numbers, by name.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// A job is in a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobEvent {
    /// The job.
    pub job: Uuid,
    /// `train`, `evaluate`, `monitor`, `predict` or `probe`.
    #[schema(value_type = String)]
    pub kind: JobKind,
    /// Its model, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `queued`, `dispatched`, `running`, `judging`, `completed`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    pub state: JobState,
    /// Attempts at it so far, the one under way included.
    pub attempts: u32,
    /// Grows with every change of the job: of two events the one with the greater is the newer.
    pub revision: i64,
}

/// A version was judged, or made live by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VerdictEvent {
    /// The model.
    pub model: String,
    /// Its number, such as `v1.0`.
    pub version: String,
    /// The job that trained it.
    pub job: Uuid,
    /// Where the version stands now.
    #[schema(value_type = schemas::VersionStatus)]
    pub status: String,
    /// `better`, `not_worse`, `inconclusive` or `worse`; absent for what was never judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Whether that let it go live.
    pub promoted: bool,
}

/// Daily bars came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportEvent {
    /// Whose bars.
    pub symbol: String,
    /// Rows that are new.
    pub accepted: u64,
    /// Rows that changed what was there.
    pub revised: u64,
    /// Rows refused.
    pub refused: u64,
    /// Date of the newest bar there is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<NaiveDate>,
}

/// Rows of a data set came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowsEvent {
    /// The data set.
    pub dataset: String,
    /// Rows that are new.
    pub new: u64,
    /// Rows that stand for an earlier one of the same key from now on.
    pub superseded: u64,
    /// Rows deleted.
    pub deleted: u64,
    /// Rows refused.
    pub refused: u64,
    /// Rows there are now.
    pub total: u64,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A job is in a state.
    Job,
    /// A running job got on.
    Progress,
    /// A version was judged, or made live by hand.
    Verdict,
    /// Somebody should know.
    Alert,
    /// A decision was made.
    Decision,
    /// Daily bars came in.
    Import,
    /// Rows of a data set came in.
    Rows,
    /// Something was left out.
    Missed,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 8] =
        [Self::Job, Self::Progress, Self::Verdict, Self::Alert, Self::Decision, Self::Import, Self::Rows, Self::Missed];

    /// Its name in the stream.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Progress => "progress",
            Self::Verdict => "verdict",
            Self::Alert => "alert",
            Self::Decision => "decision",
            Self::Import => "import",
            Self::Rows => "rows",
            Self::Missed => "missed",
        }
    }
}

impl Event {
    /// Of which kind it is.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Job(_) => EventKind::Job,
            Self::Progress { .. } => EventKind::Progress,
            Self::Verdict(_) => EventKind::Verdict,
            Self::Alert(_) => EventKind::Alert,
            Self::Decision { .. } => EventKind::Decision,
            Self::Import(_) => EventKind::Import,
            Self::Rows(_) => EventKind::Rows,
            Self::Missed => EventKind::Missed,
        }
    }

    /// The job it is about.
    pub fn job(&self) -> Option<Uuid> {
        match self {
            Self::Job(JobEvent { job, .. })
            | Self::Progress { job, .. }
            | Self::Verdict(VerdictEvent { job, .. })
            | Self::Decision { job: Some(job), .. } => Some(*job),
            Self::Decision { job: None, .. } | Self::Alert(_) | Self::Import(_) | Self::Rows(_) | Self::Missed => None,
        }
    }

    /// The model it is about.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Job(JobEvent { model, .. }) => model.as_deref(),
            Self::Progress { model, .. } | Self::Verdict(VerdictEvent { model, .. }) | Self::Decision { model, .. } => {
                Some(model)
            }
            Self::Alert(alert) => alert.model.as_deref(),
            Self::Import(_) | Self::Rows(_) | Self::Missed => None,
        }
    }
}

/// Which events to hear: those that fit everything that is given. `missed` is always heard.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Only about these models, with commas between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Only about these jobs, with commas between, at most 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Only about jobs of these kinds, with commas between: `train`, `evaluate`, `monitor`, `predict`, `probe`. Of `job` events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_kind: Option<String>,
    /// Only these kinds of events, with commas between: `job`, `progress`, `verdict`, `alert`, `decision`, `import`, `rows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<String>,
}

impl AlertEvent {
    /// What has happened to an alert.
    pub(crate) fn of(kind: Kind, alert: &Alert) -> Self {
        let ToldView { text, mut numbers, .. } = ToldView::of(&alert.cause);
        numbers.remove("model");
        Self {
            id: alert.id,
            model: alert.cause.model().map(ToString::to_string),
            state: kind.to_string(),
            severity: alert.severity,
            kind: alert.cause.kind(),
            text,
            numbers,
        }
    }
}

impl From<&ImportReport> for ImportEvent {
    fn from(report: &ImportReport) -> Self {
        Self {
            symbol: report.symbol.clone(),
            accepted: report.accepted,
            revised: report.revised,
            refused: report.refused,
            last: report.last,
        }
    }
}

impl From<&TableImportReport> for RowsEvent {
    fn from(report: &TableImportReport) -> Self {
        Self {
            dataset: report.dataset.clone(),
            new: report.new,
            superseded: report.superseded,
            deleted: report.deleted,
            refused: report.refused,
            total: report.total,
        }
    }
}

impl From<&DecisionRecord> for Event {
    fn from(decision: &DecisionRecord) -> Self {
        Self::Decision {
            model: decision.model.to_string(),
            verdict: decision.verdict.to_string(),
            mode: decision.mode.map(|mode| mode.to_string()),
            score: decision.score,
            job: decision.job,
        }
    }
}
