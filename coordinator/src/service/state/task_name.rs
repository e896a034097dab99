//! The background tasks of a coordinator, by name.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! tasks {
    ($($(#[doc = $doc:literal])* $variant:ident = $word:literal, $place:ident, $limit:literal;)+) => {
        /// A background task.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum TaskName { $($(#[doc = $doc])* $variant),+ }

        impl TaskName {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Whether the leader alone does it.
            pub fn is_leaders(self) -> bool {
                match self { $(Self::$variant => tasks!(@ $place)),+ }
            }

            /// A round that takes longer hangs.
            pub fn limit(self) -> Duration {
                Duration::from_secs(match self { $(Self::$variant => $limit),+ })
            }
        }
    };
    (@ leader) => { true };
    (@ everywhere) => { false };
}

tasks! {
    /// Looks who leads, and leads when nobody else does.
    Leadership = "leadership", everywhere, 30;
    /// Takes in what workers say.
    Inbox = "inbox", everywhere, 30;
    /// Hears the answers of predictors.
    Answers = "answers", everywhere, 30;
    /// Writes down what was served.
    PredictionLog = "prediction_log", everywhere, 120;
    /// Tells what has happened to whoever listens.
    Events = "events", everywhere, 30;
    /// Writes down who changed what.
    AuditTrail = "audit_trail", everywhere, 120;
    /// Looks whether all is well, for those who may know no more than that.
    Health = "health", everywhere, 60;
    /// Makes decisions anew that something has changed.
    Decisions = "decisions", everywhere, 600;
    /// Looks at leases, and takes up what is half done.
    Leases = "leases", everywhere, 30;
    /// Looks for jobs that could move and do not.
    Standstill = "standstill", everywhere, 30;
    /// Records results and judges them.
    Record = "record", leader, 600;
    /// Freezes the data of the jobs that come next.
    Freeze = "freeze", leader, 1800;
    /// Hands out work.
    Dispatch = "dispatch", leader, 60;
    /// Rings doorbells.
    Ring = "ring", leader, 30;
    /// Takes work back from pools that are paused or drained.
    Reclaim = "reclaim", leader, 30;
    /// Decides on all models.
    Evaluate = "evaluate", leader, 1800;
    /// Has what is live scored on what has come.
    Monitor = "monitor", leader, 1800;
    /// Looks what is due by the calendar.
    Schedules = "schedules", leader, 60;
    /// Does what was due.
    ScheduleRuns = "schedule_runs", leader, 14400;
    /// Takes searches for hyper-parameters on.
    Searches = "searches", leader, 1800;
    /// Looks for what somebody should know.
    Alerts = "alerts", leader, 120;
    /// Makes messages of what has happened to alerts.
    ComposeMessages = "compose_messages", leader, 120;
    /// Delivers messages.
    DeliverMessages = "deliver_messages", leader, 300;
    /// Notes the minutes in which all that is wanted was there.
    Availability = "availability", leader, 60;
    /// Measures the gauges.
    Gauges = "measure", leader, 120;
    /// Checks what must always hold.
    Invariants = "invariants", leader, 1800;
    /// Removes what nothing refers to, and rows that are old.
    Cleanup = "cleanup", leader, 14400;
    /// Removes rows that broken imports have left.
    BrokenImports = "broken_imports", leader, 1800;
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
