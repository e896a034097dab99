//! What came of a run.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RunOutcome {
    /// Models were looked at.
    Checked {
        /// How many.
        models: u64,
        /// Jobs that score live versions on new rows.
        scoring: u64,
        /// Models that are due.
        due: u64,
        /// Trainings that were enqueued.
        enqueued: u64,
    },
    /// Models were decided on.
    Decided {
        /// How many.
        models: u64,
        /// Models that are due.
        due: u64,
        /// Models that are due, and held back.
        held: u64,
    },
    /// Trainings were asked for.
    Requested {
        /// New ones.
        requested: u64,
        /// That were in the backlog or running already.
        already: u64,
        /// Not needed, or held back.
        skipped: u64,
        /// That cannot be.
        refused: u64,
        /// The first of those, and why.
        #[serde(default)]
        refusal: Option<String>,
    },
    /// Trainings were asked for, and have ended.
    Trained(TrainingsEnded),
    /// Live versions were backed up.
    BackedUp {
        /// How many.
        backed_up: u64,
        /// Models without a live version.
        without: u64,
        /// How many could not be.
        failed: u64,
    },
    /// Old things were removed.
    Cleaned {
        /// Objects of the store.
        objects: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// A report was made, and is kept.
    Reported {
        /// What it is called.
        report: String,
        /// Channels that it is on its way to.
        channels: u64,
    },
    /// There is no model that it would be about.
    NoModels,
    /// It was due while no coordinator ran.
    Missed {
        /// Whether a later run makes up for it.
        made_up: bool,
        /// So many more were missed before it.
        before: u64,
    },
    /// It could not be done.
    Failed {
        /// How often it was tried.
        tries: u32,
        /// Why not.
        message: String,
    },
}

/// What became of trainings that a run asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingsEnded {
    /// How many there were.
    pub trainings: u64,
    /// Whose versions went live.
    pub promoted: u64,
    /// Whose versions did not.
    pub not_promoted: u64,
    /// That failed.
    pub failed: u64,
    /// That somebody cancelled.
    pub cancelled: u64,
    /// Models that needed none, or were held back.
    pub skipped: u64,
    /// Models that could not be trained.
    pub refused: u64,
    /// The first of those, and why.
    #[serde(default)]
    pub refusal: Option<String>,
}
