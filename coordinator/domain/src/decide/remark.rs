//! What is said beside reasons and holds: why the mode is another than expected, and what would change the answer.

use chrono::{DateTime, NaiveDate, Utc};
use common::vocabulary::{Mode, VersionNumber};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::{FromScratch, HoldCode};

/// What is said beside reasons and holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Remark {
    /// An incremental training becomes a complete one.
    BecomesComplete {
        /// Incremental was asked for; else it would do.
        asked: bool,
        /// Why the live version cannot be gone on from.
        #[serde(rename = "because")]
        reason: FromScratch,
    },
    /// The mode that was asked for is not the one that the reasons ask for.
    ModeAsAsked {
        /// The one asked for.
        mode: Mode,
        /// The one that the reasons ask for.
        chosen: Mode,
    },
    /// Refit enqueues trainings of this model only when asked to.
    NotByItself,
    /// Its new rows are only worth considering.
    WhenAsked {
        /// New rows from which on it takes place by itself.
        from: u32,
    },
    /// What force has skipped.
    ByForce {
        /// The holds.
        holds: Vec<HoldCode>,
    },
    /// When a training that is due will be let go.
    HoldsEnd {
        /// At this moment; absent where that takes more than time.
        end: Option<DateTime<Utc>>,
        /// Then it still waits until somebody asks.
        asked: bool,
        /// What force would do.
        force: Force,
    },
    /// For a model that needs nothing: the rules nearest to asking for something.
    WhatWouldChangeIt {
        /// The live version.
        version: VersionNumber,
        /// New rows that are missing; none where the newest only judge.
        missing: u64,
        /// New rows so far.
        rows: u64,
        /// New rows from which on a training is worth considering.
        needed: u32,
        /// The day after which its age asks for a training.
        ages: NaiveDate,
        /// Its reliability below this asks for a training.
        limit: f64,
        /// Its reliability, if it is known.
        reliability: Option<f64>,
    },
    /// For a model that is weighed by cost, and needs nothing: how much more regret would be worth a training.
    RegretWouldChangeIt {
        /// The live version.
        version: VersionNumber,
        /// What it has lost beyond what was to be expected.
        regret: f64,
        /// So much would be worth a training …
        needed: f64,
        /// … of so many seconds.
        seconds: f64,
        /// The day after which its age asks for a training.
        ages: NaiveDate,
    },
}

/// What force does about holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Force {
    /// It skips them.
    Works,
    /// It skips them, and the same failure is to be expected.
    Repeats,
    /// It does not skip all of them.
    Useless,
}
