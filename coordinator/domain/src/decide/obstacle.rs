//! What holds a training back, each with the numbers that it goes by.

use chrono::NaiveDate;
use common::vocabulary::{JobId, Mode, TimeOfDay, VersionNumber, Zone};
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, IntoStaticStr, VariantNames};

use crate::job_reason::JobReason;
use crate::ledger::LedgerReason;

/// What holds a training back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, EnumDiscriminants)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(
    name(HoldCode),
    doc = "What holds a training back.",
    derive(PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr),
    serde(rename_all = "snake_case"),
    strum(serialize_all = "snake_case"),
    allow(missing_docs)
)]
pub enum Obstacle {
    /// A person has paused the model.
    Paused {
        /// Since this day.
        since: NaiveDate,
        /// Why, in their words, if they said so.
        reason: Option<String>,
    },
    /// The rows cannot be read as the model is told to.
    DataQuality {
        /// What is wrong with them, as whoever reads them says it.
        problem: String,
    },
    /// A column that rows had when the live version was trained is missing in the rows that have come since: something is wrong where they
    /// come from, and what is learnt of them would be learnt of that.
    ColumnEmptied {
        /// The column.
        column: String,
        /// Rows that have come.
        rows: u64,
        /// By so much its share of missing values has grown, 0 to 1.
        share: f64,
    },
    /// The same training of the same rows has failed because of them.
    Failed {
        /// How it was trained.
        mode: Mode,
        /// What went wrong.
        failure: Box<JobReason>,
        /// What can work, beside other hyper-parameters.
        instead: Instead,
    },
    /// Too few rows to train and to judge.
    TooFewRows {
        /// Rows there are.
        rows: u64,
        /// The day of the newest.
        newest: Option<NaiveDate>,
        /// Rows that are needed.
        needed: u64,
    },
    /// The live version was given rows of later days than the one that is asked about.
    Hindsight {
        /// The live version.
        version: VersionNumber,
        /// The last day whose rows count.
        through: NaiveDate,
        /// The newest day of its rows.
        given: NaiveDate,
    },
    /// Nothing is new to the live version: an incremental training would learn nothing.
    NothingNew {
        /// The live version.
        version: VersionNumber,
        /// Rows there are.
        rows: u64,
        /// Rows it was given.
        given: u64,
        /// A complete training would be let through.
        complete: bool,
    },
    /// A training of the model is in the backlog or running.
    ActiveTraining {
        /// Its job.
        job: JobId,
    },
    /// The last training was only just.
    CoolDown {
        /// The day of the last training.
        last: NaiveDate,
        /// Days since then; below 0 if it was later than the moment that is asked about.
        age: f64,
        /// It was later than the moment that is asked about.
        later: bool,
        /// Days between two.
        days: f64,
    },
    /// The last version was rejected.
    BackOff {
        /// So many in a row.
        rejections: u32,
        /// The day of the last.
        last: NaiveDate,
        /// Days that must pass.
        days: f64,
        /// Rows that must come.
        needed: u64,
        /// Rows that have come.
        rows: u64,
    },
    /// The last version has been trained on these rows, and waits for more to be judged on.
    Waiting {
        /// That version.
        version: VersionNumber,
        /// Rows that are missing.
        missing: u64,
        /// Rows that have come.
        rows: u64,
        /// Rows that must come.
        needed: u64,
    },
    /// A person has gone back to the live version.
    RolledBack {
        /// From this one.
        from: VersionNumber,
        /// On this day.
        day: NaiveDate,
        /// What the ledger says of the rollback.
        reason: Box<LedgerReason>,
        /// Rows that must come.
        needed: u64,
        /// Rows that have come.
        rows: u64,
    },
    /// Complete trainings have found nothing in these rows.
    Exhausted {
        /// So many in a row.
        completes: u32,
        /// The day of the last.
        last: NaiveDate,
        /// Days that must pass.
        days: f64,
        /// Rows that must come.
        needed: u64,
        /// Rows that have come.
        rows: u64,
    },
    /// Many models declined at once; others go first.
    Crowd {
        /// So many.
        models: u32,
    },
    /// It is trained at other hours.
    OutsideHours {
        /// From this time of day …
        from: TimeOfDay,
        /// … to this one.
        to: TimeOfDay,
        /// By whose clocks.
        zone: Zone,
    },
}

/// What can work instead of a training that has failed, beside other hyper-parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// A complete training, or other rows.
    Complete,
    /// Other rows.
    Rows,
    /// Other rows, other columns.
    Columns,
}

impl HoldCode {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether force skips it.
    pub(super) fn yields_to_force(self) -> bool {
        match self {
            Self::Failed
            | Self::CoolDown
            | Self::BackOff
            | Self::Waiting
            | Self::RolledBack
            | Self::Exhausted
            | Self::Crowd
            | Self::OutsideHours => true,
            Self::Paused
            | Self::DataQuality
            | Self::ColumnEmptied
            | Self::TooFewRows
            | Self::Hindsight
            | Self::NothingNew
            | Self::ActiveTraining => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_have_the_words_of_the_api() {
        let words =
            [HoldCode::Paused, HoldCode::DataQuality, HoldCode::CoolDown, HoldCode::BackOff].map(HoldCode::as_str);
        assert_eq!(words, ["paused", "data_quality", "cool_down", "back_off"]);
    }
}
