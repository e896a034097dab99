//! Why a job is as it is: what has happened to it, or what came of it.

use common::vocabulary::{FailureClass, JobId, ModelKey, Pool, VersionNumber};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::alert::AlertCause;
use super::decide::FromScratch;
use super::judge::Finding;

/// Why a job is as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobReason {
    /// An incremental training was asked for, and it is a complete one.
    CompleteInstead {
        /// Why the live version cannot be gone on from.
        #[serde(rename = "because")]
        reason: FromScratch,
    },
    /// It was made anew while it waited: what its model reads, or its hyper-parameters, were changed.
    MadeAnew,
    /// It has tried hyper-parameters.
    Tried {
        /// Mean loss on validation rows.
        loss: f64,
    },
    /// Its pool is drained.
    PoolDrained {
        /// The pool.
        pool: Pool,
    },
    /// It makes room for a more urgent one.
    MakesRoom {
        /// The other job.
        job: JobId,
        /// Of which model that is, if it is of one.
        model: Option<ModelKey>,
        /// Points that it is more urgent by.
        points: f64,
    },
    /// An attempt at it has ended without a result.
    AttemptEnded {
        /// Which, from 1.
        number: u32,
        /// How.
        class: FailureClass,
        /// What went wrong, as the worker says it.
        message: String,
    },
    /// Its result cannot be used, or it can never be done.
    Unusable {
        /// What is wrong, as whoever noticed says it.
        message: String,
    },
    /// A worker could not understand it, as one of an earlier release: another may.
    TurnedDown {
        /// What it does not understand, as the worker says it.
        message: String,
    },
    /// Somebody cancelled it.
    Cancelled,
    /// Somebody cancelled it, but its result was there first.
    CancelledTooLate {
        /// The version it led to.
        version: VersionNumber,
    },
    /// It is done, and there is no more to say.
    Done,
    /// It scores live versions on what has come.
    Scores {
        /// So many.
        models: u64,
        /// The first of them.
        first: Vec<String>,
        /// There are more than these.
        more: bool,
    },
    /// It has scored live versions on what has come.
    Scored {
        /// Rows scored.
        rows: u64,
        /// Of so many models.
        models: u64,
        /// Models that could not be scored.
        unscored: Vec<Unscored>,
        /// What somebody should know.
        alerts: Vec<AlertCause>,
    },
    /// The version that it led to is live.
    Live {
        /// The version.
        version: VersionNumber,
        /// The most important thing that was found.
        finding: Finding,
    },
    /// The version that it led to was rejected.
    Rejected {
        /// The version.
        version: VersionNumber,
        /// The most important thing that was found.
        finding: Finding,
    },
    /// The version that it led to waits for more rows.
    Waits {
        /// The version.
        version: VersionNumber,
        /// The most important thing that was found.
        finding: Finding,
    },
    /// The version stands elsewhere by now, so there was nothing to judge.
    NothingToJudge {
        /// The version.
        version: VersionNumber,
        /// Where it stands.
        status: String,
    },
    /// The version reads otherwise than its model does by now.
    Superseded {
        /// The version.
        version: VersionNumber,
        /// Its model.
        model: ModelKey,
    },
    /// The live version changed meanwhile: the version is scored against the new one.
    ScoredAgain {
        /// By this job.
        job: JobId,
        /// The version.
        version: VersionNumber,
    },
    /// Its evidence is lost, and it led to no version.
    NothingComes {
        /// What is lost, as the store says it.
        lost: String,
    },
    /// The evidence of the version it led to is lost.
    CannotBeJudged {
        /// The version.
        version: VersionNumber,
        /// What is lost, as the store says it.
        lost: String,
    },
    /// It has trained a version again, and the weights are the same to the bit.
    Repeated {
        /// The version.
        of: VersionNumber,
        /// What that means for the version.
        original: Original,
        /// The file that it still lacks.
        file: Option<String>,
    },
    /// It has trained a version again, and the weights differ.
    Differs {
        /// The version.
        of: VersionNumber,
        /// Libraries that were others.
        libraries: Vec<Library>,
        /// The loss that is compared.
        figure: String,
        /// Its mean is higher by this than the version's.
        difference: f64,
    },
    /// The job is known from a backup of the version that it led to.
    KnownFromBackup {
        /// The backup.
        backup: String,
        /// The version.
        version: VersionNumber,
    },
    /// What an earlier release has left, as a sentence.
    Recorded {
        /// The sentence.
        text: String,
    },
}

/// What a repetition to the bit means for the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Original {
    /// It lacked nothing.
    Whole,
    /// It lacked files, and has them again.
    WholeAgain,
    /// It lacks a file, and the repetition's is another.
    Lacks,
}

/// A model that could not be scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unscored {
    /// Because of this.
    NotScored {
        /// The model.
        model: ModelKey,
        /// What went wrong, as the worker says it.
        error: String,
    },
}

/// A library that was another when a version was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Library {
    /// It has another version.
    Changed {
        /// Its name.
        name: String,
        /// Its version then.
        was: String,
        /// Its version now.
        is: String,
    },
    /// It is no longer there.
    Absent {
        /// Its name.
        name: String,
        /// Its version then.
        was: String,
    },
}
