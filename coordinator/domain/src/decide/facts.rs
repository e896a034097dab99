//! What is known of a model when it is decided about.

use chrono::NaiveDate;
use common::drift::Drift;
use common::vocabulary::{Hyper, JobId, Mode, Timestamp, Trainable, VersionNumber};

use crate::cost::Price;
use crate::job_reason::JobReason;
use crate::ledger::LedgerReason;

/// The live version.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveFacts {
    /// Its number.
    pub version: VersionNumber,
    /// The "now" of the decision behind it.
    pub trained_at: Timestamp,
    /// P(skill > 0), 0 to 1; unknown under 40 forward rows.
    pub reliability: Option<f64>,
    /// Incremental trainings since the complete one it stands on.
    pub increments: u32,
    /// Newest bar it was given.
    pub data_through: NaiveDate,
    /// Rows there were when it was trained.
    pub rows: u64,
    /// It does clearly worse on what has come since than when it was promoted.
    pub degraded: Option<Decline>,
    /// Rows that have come since are unlike those it was trained on.
    pub drift: Option<Drift>,
    /// What it has lost beyond what was to be expected, in losses of its baseline on one row, times the questions asked for each row.
    pub regret: Option<f64>,
}

/// How much worse a version does than when it was promoted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decline {
    /// The rise of its loss as a share of the baseline's: 0.15 is 15 %.
    pub rise: f64,
    /// Observations of the window this was seen on.
    pub window: u64,
    /// So many models declined on one day that this one has to wait: they say more of the world than of it.
    pub one_of: Option<u32>,
}

/// A version that was trained on the present inputs since the live one, and did not go live: what it was given counts as tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Its number.
    pub version: VersionNumber,
    /// It waits for more rows to be judged on; else it was rejected.
    pub waits: bool,
    /// Matured rows newer than what it was given.
    pub rows_since: u64,
}

/// A rollback by hand that nothing has followed.
#[derive(Debug, Clone, PartialEq)]
pub struct RolledBack {
    /// The version that was live before it.
    pub from: VersionNumber,
    /// When it was rolled back.
    pub at: Timestamp,
    /// What the ledger says of it.
    pub reason: LedgerReason,
    /// Rows that have come since.
    pub rows_since: u64,
}

/// A training of these very rows, read like this, that failed because of them.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedTraining {
    /// How it was trained.
    pub mode: Mode,
    /// The version that an incremental one started from.
    pub parent: Option<VersionNumber>,
    /// With which hyper-parameters.
    pub hyper: Hyper,
    /// What went wrong.
    pub reason: JobReason,
}

/// A model and its data, as of the "now" of the decision.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// The live version.
    pub live: Option<LiveFacts>,
    /// Rows there are.
    pub rows: u64,
    /// Date of the newest row.
    pub newest: Option<NaiveDate>,
    /// Matured rows newer than what the live version was given.
    pub new_rows: u64,
    /// Rows new to the live version that weights could be fitted on.
    pub trainable: Trainable,
    /// The newest version, if it was trained since the live one and did not go live.
    pub tried: Option<Tried>,
    /// The live version is live by a rollback by hand.
    pub rolled_back: Option<RolledBack>,
    /// The day up to which rows count, where the live version was given later ones and rows are parted by their days.
    pub ends_early: Option<NaiveDate>,
    /// Rows a training needs, to fit and to judge.
    pub minimum_rows: u64,
    /// When the last training was decided, whatever became of its version.
    pub last_training: Option<Timestamp>,
    /// The inputs are not those the live version was fitted on.
    pub schema_changed: bool,
    /// Rows that the live version was given have been corrected since.
    pub data_revised: bool,
    /// Rows that the live version was given have been deleted or changed since, so many; only counted where an incremental training
    /// could not forget them.
    pub forgotten: u64,
    /// Versions rejected in a row, up to now.
    pub rejections: u32,
    /// When the last of them was.
    pub last_rejection: Option<Timestamp>,
    /// Rows that came after the last rejection: no gate has seen them.
    pub rows_since_rejection: u64,
    /// Complete trainings in a row that showed no skill.
    pub completes_without_skill: u32,
    /// When the last complete training was.
    pub last_complete_at: Option<Timestamp>,
    /// Rows that came after it.
    pub rows_since_complete: u64,
    /// The training of this model in the backlog or running.
    pub active_job: Option<JobId>,
    /// A person has paused it: since when, and why if that was said.
    pub paused: Option<(Timestamp, String)>,
    /// What is wrong with the rows or how they are read, as a sentence.
    pub data_problem: Option<String>,
    /// What a training will probably cost, by its mode.
    pub prices: ModePrices,
    /// Trainings of these rows that failed because of them, and none has succeeded since.
    pub failures: Vec<FailedTraining>,
}

/// What trainings will probably cost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModePrices {
    /// A complete one.
    pub complete: Option<Price>,
    /// An incremental one.
    pub incremental: Option<Price>,
}

impl ModePrices {
    /// Of a mode; a quick one costs at most what a complete one does.
    pub fn of(&self, mode: Mode) -> Option<Price> {
        match mode {
            Mode::Complete | Mode::Quick => self.complete,
            Mode::Incremental => self.incremental,
        }
    }
}

impl Facts {
    /// Matured rows that neither the live version nor one that was tried since has been given.
    pub fn untried(&self) -> u64 {
        self.tried.as_ref().map_or(self.new_rows, |tried| tried.rows_since.min(self.new_rows))
    }
}
