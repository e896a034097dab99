//! What a judgement says, each thing with the numbers that it goes by.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use super::{Against, Pairing};

/// Something that a judgement says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Finding {
    /// Some of the version's figures or predictions are not finite: it is rejected.
    NotFinite,
    /// The version predicts the same whatever it is shown: it is rejected.
    Constant,
    /// A group of rows is served worse than by the baseline: the version is rejected.
    SliceBelowFloor {
        /// The group.
        slice: String,
        /// Its rows.
        rows: u64,
        /// The version's mean loss on them.
        loss: f64,
        /// The baseline's.
        baseline_loss: f64,
    },
    /// It is better than its reference.
    Better {
        /// The reference.
        against: Against,
        /// How sure that is, 0 to 1.
        confidence: f64,
    },
    /// It is not worse than its reference, which suffices.
    NotWorse {
        /// The reference.
        against: Against,
        /// How sure that is, 0 to 1.
        confidence: f64,
        /// At most so much higher its loss is, as a share; 0 where it is not higher.
        bound: f64,
        /// That is worth a word: a hundredth of a percent at least.
        higher: bool,
        /// So much higher is allowed, as a share.
        margin: f64,
        /// It is lower for sure, but by less than this, as a share.
        gain_below: Option<f64>,
    },
    /// It is not worse than its reference, but is made otherwise and would have to be better.
    NotWorseButChanged {
        /// The reference.
        against: Against,
        /// It is lower for sure, but by less than this, as a share.
        gain_below: Option<f64>,
    },
    /// It is worse than its reference.
    Worse {
        /// The reference.
        against: Against,
        /// How sure that is, 0 to 1.
        confidence: f64,
    },
    /// There are too few observations to compare them.
    TooFew {
        /// The reference.
        against: Against,
        /// What counts as an observation.
        unit: Pairing,
        /// Observations there are.
        rows: u64,
        /// Observations it takes.
        needed: u64,
    },
    /// A first version that is not shown to be worse goes live.
    First {
        /// The reference.
        against: Against,
    },
    /// A refresh is neither shown to be worse nor to be within the margin.
    UndecidedRefresh {
        /// The reference.
        against: Against,
        /// The margin, as a share.
        margin: f64,
    },
    /// Made otherwise, it is neither shown to be better nor to be worse.
    Undecided {
        /// The reference.
        against: Against,
    },
    /// The numbers of a comparison.
    Difference {
        /// The reference.
        against: Against,
        /// What counts as an observation.
        unit: Pairing,
        /// Observations.
        rows: u64,
        /// Relative difference of loss; negative: the version is better.
        difference: f64,
        /// How sure the interval is, 0 to 1.
        confidence: f64,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// There are no rows on which to compare it.
    NothingInCommon {
        /// The reference.
        against: Against,
    },
    /// The rows were looked at before, so more is asked of them.
    EarlierLooks {
        /// So often.
        looks: u32,
    },
}
