//! What a job is asked to do: complete enough to be repeated from this alone.

use serde::{Deserialize, Serialize};

use super::{
    ArtifactRef, ClaimId, ContentHash, ForecasterHyper, Hyper, JobKind, Mode, ModelKey, MonitorSpec, Reading, Snapshot,
    TrialSpec, VersionNumber,
};

/// How rows are parted in time. Splits go by the date of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitPolicy {
    /// Newest rows (dates) that nothing is fitted on: the gate judges on them.
    pub holdout_rows: u32,
    /// Share of the other rows, the newest, that early stopping and calibration use.
    pub validation_share: f64,
    /// Of the rows of a data set: the share, the newest, that nothing is fitted on; at least `holdout_rows`.
    pub holdout_share: f64,
}

impl Default for SplitPolicy {
    fn default() -> Self {
        Self { holdout_rows: 60, validation_share: 0.15, holdout_share: 0.1 }
    }
}

/// Bars at the start of a history that only warm up the volatility: nothing is forecast from them.
pub const WARM_UP_BARS: u32 = 21;

/// Rows are parted in a way that nothing could be judged or fitted on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Too few rows to judge on.
    #[error("holdout_rows = {0}: at least {least} rows must be held out to judge on", least = SplitPolicy::MIN_HOLDOUT_ROWS)]
    HoldoutTooSmall(u32),
    /// Early stopping and calibration would get too few rows, or the weights would.
    #[error("validation_share = {0} is out of range: 0.05 to 0.5")]
    ValidationShare(f64),
    /// Too few rows of a data set would be judged on, or be left to fit.
    #[error("holdout_share = {0} is out of range: 0.01 to 0.5")]
    HoldoutShare(f64),
}

impl SplitPolicy {
    /// On fewer rows no version is judged.
    pub const MIN_HOLDOUT_ROWS: u32 = 40;

    /// Rows that must be left to fit and validate on.
    pub const MIN_FIT_ROWS: u32 = 200;

    /// Checks that the parts can serve their purpose.
    ///
    /// # Errors
    /// The first figure out of range (NaN included).
    pub fn validate(&self) -> Result<(), SplitError> {
        if self.holdout_rows < Self::MIN_HOLDOUT_ROWS {
            return Err(SplitError::HoldoutTooSmall(self.holdout_rows));
        }
        if !(0.05..=0.5).contains(&self.validation_share) {
            return Err(SplitError::ValidationShare(self.validation_share));
        }
        if !(0.01..=0.5).contains(&self.holdout_share) {
            return Err(SplitError::HoldoutShare(self.holdout_share));
        }
        Ok(())
    }

    /// Rows there must be (daily bars of a symbol) before a training makes sense: known before a job is made.
    pub fn minimum_rows(&self, hyper: &Hyper) -> u64 {
        match hyper {
            Hyper::Forecaster(hyper) => self.minimum_bars(hyper),
            Hyper::Recommender(_) | Hyper::Text(_) | Hyper::Tabular(_) => {
                u64::from(self.holdout_rows.max(Self::MIN_FIT_ROWS)) + u64::from(Self::MIN_FIT_ROWS)
            }
        }
    }

    /// The same for the bars of a forecaster.
    pub fn minimum_bars(&self, hyper: &ForecasterHyper) -> u64 {
        [hyper.window, self.holdout_rows, Self::MIN_FIT_ROWS, WARM_UP_BARS].into_iter().map(u64::from).sum()
    }
}

/// Versions scored on the holdout beside the challenger and the baselines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contestants {
    /// The live version.
    pub champion: Option<ArtifactRef>,
    /// The live version of [`Family::universal`](super::Family::universal), where the family has one and it is not the model itself.
    pub universal: Option<ArtifactRef>,
}

/// A training, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainSpec {
    /// What is trained.
    pub model: ModelKey,
    /// How.
    pub mode: Mode,
    /// On what.
    pub snapshot: Snapshot,
    /// With which hyper-parameters.
    pub hyper: Hyper,
    /// How rows are parted.
    pub split: SplitPolicy,
    /// The version an incremental training starts from.
    pub parent: Option<ArtifactRef>,
    /// Who else is scored on the holdout.
    pub contestants: Contestants,
    /// Whether an incremental training also trains completely on the same rows, to report the gap.
    pub yardstick: bool,
    /// Set when this repeats an earlier training: its result is compared, never promoted.
    pub reproduces: Option<VersionNumber>,
}

impl TrainSpec {
    /// What an incremental training shares with its parent.
    pub fn shape(&self) -> String {
        self.hyper.shape(self.snapshot.source().as_ref())
    }
}

/// Versions to be scored again, on the holdout of a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluateSpec {
    /// Whose versions.
    pub model: ModelKey,
    /// The rows.
    pub snapshot: Snapshot,
    /// How rows are parted.
    pub split: SplitPolicy,
    /// The version waiting to be judged.
    pub challenger: ArtifactRef,
    /// Who it is judged against.
    pub contestants: Contestants,
}

/// Rows to be predicted by one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictSpec {
    /// Whose version.
    pub model: ModelKey,
    /// The version that was live when the rows came in: all of them are predicted by it.
    pub artifact: ArtifactRef,
    /// Which column is what.
    pub reading: Reading,
    /// The rows, in order.
    pub parts: Vec<RowsPart>,
}

impl PredictSpec {
    /// Rows over all files.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// The files' hashes, in order.
    pub fn files(&self) -> Vec<ContentHash> {
        self.parts.iter().map(|part| part.hash).collect()
    }
}

/// An immutable file of rows to be predicted (see [`crate::rows`]), stored as `snapshots/<hash>.parquet`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsPart {
    /// SHA-256 of the file.
    pub hash: ContentHash,
    /// How many.
    pub rows: u64,
}

/// A job without work, for measuring and for faults that tests plant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeSpec {
    /// How long the executor pretends to work, in milliseconds.
    pub work_ms: u64,
}

/// What a job does, by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JobSpec {
    /// Train and evaluate.
    Train(Box<TrainSpec>),
    /// Fit, and say how good that is.
    Trial(Box<TrialSpec>),
    /// Score again.
    Evaluate(Box<EvaluateSpec>),
    /// Score what is live on what has come since.
    Monitor(MonitorSpec),
    /// Predict for many rows.
    Predict(Box<PredictSpec>),
    /// Nothing.
    Probe(ProbeSpec),
}

impl JobSpec {
    /// The kind of job this is.
    pub fn kind(&self) -> JobKind {
        match self {
            Self::Train(_) => JobKind::Train,
            Self::Trial(_) => JobKind::Trial,
            Self::Evaluate(_) => JobKind::Evaluate,
            Self::Monitor(_) => JobKind::Monitor,
            Self::Predict(_) => JobKind::Predict,
            Self::Probe(_) => JobKind::Probe,
        }
    }

    /// The frozen rows it reads.
    pub fn snapshots(&self) -> Vec<&Snapshot> {
        match self {
            Self::Train(spec) => vec![&spec.snapshot],
            Self::Trial(spec) => vec![&spec.snapshot],
            Self::Evaluate(spec) => vec![&spec.snapshot],
            Self::Monitor(spec) => spec.subjects.iter().map(|subject| &subject.snapshot).collect(),
            Self::Predict(_) | Self::Probe(_) => Vec::new(),
        }
    }

    /// Whether it is known to take so little time that it may be claimed ahead, in a batch with others.
    pub fn is_small(&self) -> bool {
        match self {
            Self::Train(_) | Self::Trial(_) | Self::Evaluate(_) | Self::Monitor(_) | Self::Predict(_) => false,
            Self::Probe(probe) => probe.work_ms <= ProbeSpec::SMALL_MS,
        }
    }
}

impl ProbeSpec {
    /// A batch of 64 such probes takes less than a second.
    pub const SMALL_MS: u64 = 10;
}

/// The one object that decides an attempt, `jobs/<job>/<attempt>/seal`, written create-only: whoever is first has decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seal", rename_all = "snake_case")]
pub enum Seal {
    /// The worker finished: everything it names is uploaded.
    Result {
        /// The delivery that finished.
        claim: ClaimId,
        /// SHA-256 of its `manifest.json`.
        manifest: ContentHash,
    },
    /// The coordinator gave the attempt up: whatever comes after does not count.
    Revoked {
        /// Why, for people.
        reason: String,
    },
}
