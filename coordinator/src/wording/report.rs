//! The words and sentences of reports.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use super::{Language, arguments, catalogue};

/// A heading, a figure's name or a column's: one message each, without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the catalogue says what each is")]
pub(crate) enum Label {
    Health,
    Fleet,
    Trainings,
    WentLive,
    NotPromoted,
    Failures,
    Alerts,
    Schedules,
    Traffic,
    Queue,
    Summary,
    Runs,
    Versions,
    Moves,
    Performance,
    Forecasts,
    Calibration,
    LossCurve,
    SuccessRate,
    MeanTraining,
    MeanWaiting,
    Degradations,
    Availability,
    Promoted,
    TakenBack,
    Completed,
    Failed,
    Cancelled,
    Models,
    Live,
    LiveVersion,
    Verdict,
    WithoutLive,
    Paused,
    Due,
    HeldBack,
    Declined,
    UpToDate,
    Raised,
    Resolved,
    OpenCritical,
    OpenWarning,
    OpenInfo,
    Imports,
    Predictions,
    Labelled,
    Scheduler,
    Executions,
    SuccessOfRuns,
    MeanRun,
    Age,
    NewRows,
    Reliability,
    Action,
    Family,
    Model,
    Version,
    Move,
    At,
    Why,
    Difference,
    Severity,
    Since,
    What,
    Schedule,
    Skipped,
    Share,
    Seconds,
    Pool,
    Workers,
    Attempts,
    Lost,
    Busy,
    State,
    When,
    Task,
    Next,
    Outcome,
    Mode,
    Trained,
    Loss,
    AgainstBaseline,
    GapNew,
    GapOld,
    JobsOverTime,
    Jobs,
    Waiting,
    Running,
    OfTheModel,
    OfTheBaseline,
    Change,
    Interval,
    Forecast,
    Came,
    Expected,
    Observed,
    Ideal,
    Epoch,
    TrainingLoss,
    ValidationLoss,
    None,
    Stopped,
    Works,
    ByHand,
    NotOver,
    FleetNow,
    AlertsNow,
    RunsOfSchedules,
    AsItWas,
    AsSet,
    Policies,
    Policy,
    TrainingsMade,
    OfTheseComplete,
    TrainingTime,
    RowsAnswered,
    LossOverBaseline,
    LossByWeek,
}

impl Label {
    /// In the language of whoever reads.
    pub(crate) fn text(self) -> String {
        word("label", self.into())
    }
}

/// A word of a closed list, in the language of whoever reads: its code, where the catalogue has none.
pub(crate) fn word(kind: &str, code: &str) -> String {
    catalogue::of(Language::current()).word_of(&arguments::id(kind, code)).unwrap_or_else(|| code.to_owned())
}

/// A sentence of a report.
#[derive(Debug, Clone, PartialEq, Serialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum ReportText {
    /// The title of a report on a day.
    Daily { day: NaiveDate },
    /// The title of a report on a week.
    Weekly { week: u32, year: i32 },
    /// The title of a report on every model.
    Incremental,
    /// The title of a report on schedules.
    Scheduler,
    /// The title of a report on a model.
    Model { model: String },
    /// Which day it is about.
    Day { day: NaiveDate, zone: String },
    /// Which days it is about.
    Days { first: NaiveDate, last: NaiveDate, zone: String },
    /// For when it was made.
    AsOf { at: DateTime<Utc> },
    /// When it was made.
    Made { at: DateTime<Utc> },
    /// Which minutes availability counts, and the share of those that somebody led in.
    Minutes { minutes: u64, answered: f64 },
    /// None.
    NotCounted,
    /// Rows that are not shown.
    Rest { count: u64 },
    /// All models in a sentence.
    All { total: u64, due: u64, up_to_date: u64, without: u64 },
    /// The title of a replay.
    Replayed { first: NaiveDate, last: NaiveDate },
    /// Of what estimates of a replay are made.
    Estimated { rows: u64, models: u64 },
    /// Policies cannot be told apart by loss.
    NoRise,
    /// A share.
    Share { share: f64 },
    /// So many seconds.
    Seconds { seconds: f64 },
}
