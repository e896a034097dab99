//! What a family of models is: all that the pipeline from rows to answers needs to know of it.
//!
//! The pipeline itself is the same for all: [`crate::training`] fits with checkpoints, judges and leaves an artifact,
//! [`crate::run`] scores finished versions again, [`crate::version`] opens them. A family is a folder with one type that
//! implements [`Family`] (see `docs/adding-a-family.md`).

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use common::drift::{Familiar, Values};
use common::losses::{Contestant, RowLosses};
use common::seen::{RowName, Seen, Use};
use common::vocabulary::{self, CurvePoint, Evaluation, Hyper, Mode, ModelKey, Snapshot, SplitPolicy, Watermark};

use crate::device::Device;
use crate::error::TrainError;
use crate::tensors::Tensors;
use crate::version::{Files, Version};

/// The data of a job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Material<'a> {
    /// The model.
    pub(crate) model: &'a ModelKey,
    /// What the files hold.
    pub(crate) snapshot: &'a Snapshot,
    /// The files, in the snapshot's order.
    pub(crate) parts: &'a [PathBuf],
    /// How rows are parted.
    pub(crate) split: &'a SplitPolicy,
    /// Which rows are scored.
    pub(crate) scored: Scored<'a>,
}

/// Which rows a version is scored on. Nothing is fitted on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scored<'a> {
    /// Those that the split holds out: the gate judges on them.
    HeldOut,
    /// Those that came later: a live version is watched on them.
    Beyond {
        /// What lies behind it has been scored, or, where no names are known, given to the version.
        mark: Watermark,
        /// What the version was given, by name: of data sets.
        given: Option<&'a Seen>,
    },
}

/// How a training is to be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe<'a> {
    /// From scratch, or from a parent.
    pub(crate) mode: Mode,
    /// In effect.
    pub(crate) hyper: &'a Hyper,
    /// Where it is computed.
    pub(crate) device: Device,
}

/// What the rows say of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Last target that fitting, scaling, early stopping or calibration use; nothing where there are none.
    pub(crate) fitted_through: Option<NaiveDate>,
    /// Date of the newest row, held out ones included.
    pub(crate) data_through: Option<NaiveDate>,
}

/// Where a fit stands. Where several learners are trained one after the other, epochs are those of the one at work; steps count
/// through all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FitStatus {
    /// Epoch under way, from 1.
    pub(crate) epoch: u32,
    /// Epochs planned at most.
    pub(crate) epochs: u32,
    /// Steps done; each call of [`Fit::advance`] does one.
    pub(crate) step: u64,
    /// Steps planned at most.
    pub(crate) steps: u64,
    /// Mean training loss so far in this epoch.
    pub(crate) loss: Option<f64>,
    /// Loss per epoch.
    pub(crate) curve: Vec<CurvePoint>,
    /// The epoch whose weights are kept; 0 before there is one.
    pub(crate) best_epoch: u32,
}

impl FitStatus {
    /// That of a fit whose steps are passes: `done` of `most` by the learner at work, `step` of `steps` by all.
    pub(crate) fn of_passes(
        (done, most): (u32, u32),
        (step, steps): (u32, u32),
        curve: Vec<CurvePoint>,
        best_epoch: u32,
    ) -> Self {
        Self {
            epoch: done.clamp(1, most.max(1)),
            epochs: most,
            step: u64::from(step),
            steps: u64::from(steps),
            loss: curve.last().map(|point| point.train_loss),
            curve,
            best_epoch,
        }
    }
}

/// Rows of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Rows that weights are fitted on, new and replayed.
    pub(crate) train: u64,
    /// Of them, rows the parent had not seen.
    pub(crate) new: u64,
    /// Rows for early stopping and calibration.
    pub(crate) validation: u64,
}

/// All of a fit that another process needs to go on with it to the same bits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    /// Weights, moments and the like.
    pub(crate) tensors: Tensors,
    /// Everything else.
    pub(crate) position: serde_json::Value,
}

/// A training under way.
pub(crate) trait Fit {
    /// What it leads to.
    type Model;

    /// Does one step, of about a second at most; `false`: nothing is left to do.
    fn advance(&mut self) -> Result<bool, TrainError>;

    /// Where it stands. Cheap: asked after every step.
    fn status(&self) -> FitStatus;

    /// The rows it fits.
    fn counts(&self) -> Counts;

    /// Everything needed to go on.
    fn state(&self) -> Result<State, TrainError>;

    /// Goes on from a state of this very training. The error says what is wrong with the state; the fit is then as before.
    fn resume(&mut self, state: State) -> Result<(), String>;

    /// The model, calibrated on validation rows.
    fn finish(&self) -> Result<Self::Model, TrainError>;
}

/// Which rows a mean loss is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Rows nothing is fitted on.
    Holdout,
    /// Rows that early stopping and calibration use, and a choice of hyper-parameters may.
    Validation,
    /// Rows the parent was fitted on.
    Old,
}

/// Which rows inputs are shown of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// All that a training is given.
    Training,
    /// Of a monitoring: those that have come since the version was given its own, scored before or not.
    Come,
}

impl Stretch {
    /// The first row, of so many, that is shown where rows are told by what came before them: at the beginning of a training everything
    /// is met for the first time, so its older half is passed over.
    pub(crate) fn shown(self, rows: usize) -> usize {
        match self {
            Self::Training => rows / 2,
            Self::Come => 0,
        }
    }
}

/// A family of models.
pub(crate) trait Family: Sized + 'static {
    /// Its name.
    const FAMILY: vocabulary::Family;
    /// A trained model.
    type Model;
    /// The rows of a job, prepared and parted into sides.
    type Rows;
    /// A training under way.
    type Fit<'a>: Fit<Model = Self::Model>;

    /// Reads and parts the rows. `seen_by`: the version whose preprocessing is kept (the parent of an incremental training, the
    /// challenger of an evaluation).
    fn rows(material: &Material<'_>, hyper: &Hyper, seen_by: Option<&Version<Self>>) -> Result<Self::Rows, TrainError>;

    /// What the rows say of themselves.
    fn span(rows: &Self::Rows) -> Span;

    /// The snapshot as the manifest keeps it.
    fn snapshot(_: &Self::Rows, given: &Snapshot) -> Snapshot {
        given.clone()
    }

    /// The rows by name, and what each is used for; none where days say who has seen what.
    fn named(_: &Self::Rows) -> Option<Vec<(RowName, Use)>> {
        None
    }

    /// Takes rows of these names out of those to score.
    fn leave_out(_: &mut Self::Rows, _: &dyn Fn(&RowName) -> bool) {}

    /// Rows without a usable outcome: nothing is fitted or judged on them.
    fn left_out(_: &Self::Rows) -> u64 {
        0
    }

    /// What the rows of a training make familiar, where later ones are told by that.
    fn familiar(_: &Self::Rows) -> Familiar {
        Familiar::default()
    }

    /// How many rows there are of [`Stretch::Come`].
    fn come(rows: &Self::Rows) -> u64;

    /// Shows the inputs column by column, each with the rows in the order they came about. `familiar`: by the training.
    fn inputs(rows: &Self::Rows, of: Stretch, familiar: &Familiar, show: &mut dyn FnMut(&str, &Values<'_>));

    /// Begins a training.
    fn begin<'a>(
        rows: &'a Self::Rows,
        recipe: &Recipe<'_>,
        parent: Option<&'a Version<Self>>,
    ) -> Result<Self::Fit<'a>, TrainError>;

    /// How many rows there are to score.
    fn to_score(rows: &Self::Rows) -> usize;

    /// Scores everyone on the rows to score, beside the family's baselines.
    ///
    /// # Errors
    /// Somebody has seen a row.
    fn judge(
        rows: &Self::Rows,
        challenger: Entrant<'_, Self::Model>,
        others: &mut [(Contestant, Version<Self>)],
    ) -> Result<(RowLosses, Evaluation), TrainError>;

    /// Mean loss over some rows.
    fn mean_loss(rows: &Self::Rows, model: &mut Self::Model, side: Side) -> Result<f64, TrainError>;

    /// Mean loss on rows that hyper-parameters may be chosen by: never on those held out.
    fn validation_loss(rows: &Self::Rows, _: &Self::Fit<'_>, model: &mut Self::Model) -> Result<f64, TrainError> {
        Self::mean_loss(rows, model, Side::Validation)
    }

    /// Writes the family's own files into the folder of an artifact, and names them.
    fn write(rows: &Self::Rows, model: &mut Self::Model, folder: &Path) -> Result<Vec<&'static str>, TrainError>;

    /// Reads them again, and checks the golden cases.
    fn open(files: &Files<'_>, device: Device) -> Result<Self::Model, TrainError>;
}

/// A model to be judged, and how much it has seen.
#[derive(Debug)]
pub(crate) struct Entrant<'a, M> {
    /// The model.
    pub(crate) model: &'a mut M,
    /// Last target it, or an ancestor, was fitted on in any way.
    pub(crate) seen_through: NaiveDate,
}
