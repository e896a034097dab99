//! What is wrong, with the numbers that say so.

use chrono::NaiveDate;
use common::vocabulary::{Mode, ModelKey, Pool, VersionNumber};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumDiscriminants, EnumString, IntoStaticStr, VariantNames};

use super::Severity;
use crate::ledger::DoesWorse;
use crate::monitor::Condition;
use crate::schedule::ScheduleName;

/// Of a disk, the share below which what is free is critical.
const NEARLY_FULL: f64 = 0.02;
/// Seconds that a pool may be without a worker: one that is replaced is missing for less.
const REPLACED: f64 = 60.0;
/// Seconds that a service may be away: what a restart takes is no cause.
const RESTARTED: f64 = 30.0;

/// What somebody should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, EnumDiscriminants)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[strum_discriminants(
    name(AlertKind),
    doc = "What an alert is about.",
    derive(
        PartialOrd,
        Ord,
        Hash,
        Serialize,
        Deserialize,
        Display,
        EnumString,
        IntoStaticStr,
        VariantNames,
        strum::VariantArray,
        utoipa::ToSchema
    ),
    serde(rename_all = "snake_case"),
    strum(serialize_all = "snake_case"),
    allow(missing_docs)
)]
pub enum AlertCause {
    /// A live version does clearly worse than when it was promoted.
    Degraded {
        /// The model.
        model: ModelKey,
        /// The version.
        version: VersionNumber,
        /// How it does.
        condition: Condition,
        /// The rise of its loss as a share of its baseline's.
        rise: Option<f64>,
        /// Observations of the window this was seen on.
        window: u64,
    },
    /// A live version was taken back.
    RolledBack {
        /// The model.
        model: ModelKey,
        /// The version that is live again.
        to: VersionNumber,
        /// By how much it did worse, on how many rows.
        #[serde(flatten)]
        reason: DoesWorse,
    },
    /// The rows that come are unlike those that a live version was trained on.
    Drift {
        /// The model.
        model: ModelKey,
        /// The version.
        version: VersionNumber,
        /// New rows that were looked at.
        rows: u64,
        /// Columns that were looked at.
        of: u32,
        /// Of these, so many have drifted.
        columns: u32,
        /// The one that is off the most, as a share of what is allowed.
        column: String,
        /// How far, 0 to 1.
        distance: f64,
        /// Up to here would be no drift.
        threshold: f64,
    },
    /// A live version does worse than its baseline.
    WorseThanBaseline {
        /// The model.
        model: ModelKey,
        /// The version.
        version: VersionNumber,
        /// The chance that it is better than the baseline.
        reliability: f64,
    },
    /// A live version is older than the age at which it must be trained anew.
    OverAge {
        /// The model.
        model: ModelKey,
        /// The version.
        version: VersionNumber,
        /// Days since its training.
        age: f64,
        /// Days from which on it should have been.
        limit: f64,
    },
    /// A training is due that only a person may ask for.
    RetrainingDue {
        /// The model.
        model: ModelKey,
        /// How it should be trained.
        mode: Option<Mode>,
    },
    /// The rows of a model cannot be used as they are.
    DataQuality {
        /// The model.
        model: ModelKey,
        /// What is wrong with them.
        problem: String,
    },
    /// No rows have come for a model for long.
    SourceSilent {
        /// The model.
        model: ModelKey,
        /// The day of its newest row.
        newest: NaiveDate,
        /// Days since then.
        days: u64,
        /// So many are taken without a word.
        limit: f64,
    },
    /// The trainings of a model fail, one after the other.
    TrainingsFail {
        /// The model.
        model: ModelKey,
        /// So many since the last that did not.
        failures: u64,
        /// What went wrong the last time.
        message: String,
    },
    /// The last run of a schedule failed.
    ScheduleFailed {
        /// The schedule.
        schedule: ScheduleName,
        /// Its run.
        run: i64,
        /// The task.
        task: String,
    },
    /// Runs of a schedule were missed, and nothing makes up for them.
    ScheduleMissed {
        /// The schedule.
        schedule: ScheduleName,
        /// The newest of them.
        run: i64,
    },
    /// The last backup of a schedule failed, or part of it.
    BackupFailed {
        /// The schedule.
        schedule: ScheduleName,
        /// Its run.
        run: i64,
    },
    /// Jobs wait for a pool in which no worker lives.
    NoWorker {
        /// The pool.
        pool: Pool,
        /// So many.
        jobs: u64,
    },
    /// The first job of a pool has waited for long.
    BacklogOld {
        /// The pool.
        pool: Pool,
        /// Jobs that wait there.
        jobs: u64,
        /// Seconds that the longest has waited.
        seconds: f64,
        /// So many are taken without a word.
        limit: f64,
    },
    /// Jobs that could move do not.
    NothingMoves {
        /// So many.
        jobs: u64,
        /// Seconds since the first of them should have moved.
        seconds: f64,
        /// What it waits for.
        message: String,
    },
    /// A service that Refit stands on does not do its work.
    ServiceTrouble {
        /// `store`, `bus` or `queue`.
        service: String,
        /// What it answers.
        message: String,
    },
    /// A disk is nearly full.
    DiskLow {
        /// What is on it.
        place: String,
        /// Bytes that are free.
        free: u64,
        /// Of all there are.
        share: f64,
    },
    /// A background task of the leader fails again and again.
    TaskFails {
        /// The task.
        task: String,
        /// How.
        message: String,
    },
    /// A channel cannot be reached.
    ChannelFails {
        /// The channel.
        channel: String,
        /// Messages that wait for it.
        messages: u64,
        /// What it answers.
        message: String,
    },
}

impl AlertCause {
    /// What it is about.
    pub fn kind(&self) -> AlertKind {
        self.into()
    }

    /// Whom it is about, if that is a model.
    pub fn model(&self) -> Option<&ModelKey> {
        match self {
            Self::Degraded { model, .. }
            | Self::RolledBack { model, .. }
            | Self::Drift { model, .. }
            | Self::WorseThanBaseline { model, .. }
            | Self::OverAge { model, .. }
            | Self::RetrainingDue { model, .. }
            | Self::DataQuality { model, .. }
            | Self::SourceSilent { model, .. }
            | Self::TrainingsFail { model, .. } => Some(model),
            Self::ScheduleFailed { .. }
            | Self::ScheduleMissed { .. }
            | Self::BackupFailed { .. }
            | Self::NoWorker { .. }
            | Self::BacklogOld { .. }
            | Self::NothingMoves { .. }
            | Self::ServiceTrouble { .. }
            | Self::DiskLow { .. }
            | Self::TaskFails { .. }
            | Self::ChannelFails { .. } => None,
        }
    }

    /// What it is about, by name: two causes of the same are one alert.
    pub fn key(&self) -> String {
        format!("{} {}", self.kind(), self.subject()).trim_end().to_owned()
    }

    /// Whom or what it concerns, by name; empty, if that is all of the installation.
    pub fn subject(&self) -> &str {
        match self {
            Self::ScheduleFailed { schedule, .. }
            | Self::ScheduleMissed { schedule, .. }
            | Self::BackupFailed { schedule, .. } => schedule.as_str(),
            Self::NoWorker { pool, .. } | Self::BacklogOld { pool, .. } => pool.as_str(),
            Self::ServiceTrouble { service: subject, .. }
            | Self::DiskLow { place: subject, .. }
            | Self::TaskFails { task: subject, .. }
            | Self::ChannelFails { channel: subject, .. } => subject,
            Self::NothingMoves { .. } => "",
            Self::Degraded { .. }
            | Self::RolledBack { .. }
            | Self::Drift { .. }
            | Self::WorseThanBaseline { .. }
            | Self::OverAge { .. }
            | Self::RetrainingDue { .. }
            | Self::DataQuality { .. }
            | Self::SourceSilent { .. }
            | Self::TrainingsFail { .. } => self.model().map_or("", ModelKey::as_str),
        }
    }

    /// How soon somebody should look.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Degraded { condition: Condition::Alarming, .. }
            | Self::NoWorker { .. }
            | Self::NothingMoves { .. }
            | Self::ServiceTrouble { .. }
            | Self::TaskFails { .. } => Severity::Critical,
            Self::DiskLow { share, .. } if *share < NEARLY_FULL => Severity::Critical,
            Self::Degraded { .. }
            | Self::RolledBack { .. }
            | Self::Drift { .. }
            | Self::WorseThanBaseline { .. }
            | Self::OverAge { .. }
            | Self::DataQuality { .. }
            | Self::SourceSilent { .. }
            | Self::TrainingsFail { .. }
            | Self::ScheduleFailed { .. }
            | Self::BackupFailed { .. }
            | Self::BacklogOld { .. }
            | Self::DiskLow { .. }
            | Self::ChannelFails { .. } => Severity::Warning,
            Self::RetrainingDue { .. } | Self::ScheduleMissed { .. } => Severity::Info,
        }
    }
}

impl AlertKind {
    /// Seconds that it must have lasted: what passes by itself is no cause to look.
    pub fn patience(self) -> f64 {
        match self {
            Self::NoWorker => REPLACED,
            Self::ServiceTrouble => RESTARTED,
            Self::Degraded
            | Self::RolledBack
            | Self::Drift
            | Self::WorseThanBaseline
            | Self::OverAge
            | Self::RetrainingDue
            | Self::DataQuality
            | Self::SourceSilent
            | Self::TrainingsFail
            | Self::ScheduleFailed
            | Self::ScheduleMissed
            | Self::BackupFailed
            | Self::BacklogOld
            | Self::NothingMoves
            | Self::DiskLow
            | Self::TaskFails
            | Self::ChannelFails => 0.0,
        }
    }
}
