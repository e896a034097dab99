//! Classifiers of texts as a family.

use std::path::Path;

use common::drift::{Familiar, Values};
use common::losses::{Contestant, RowLosses};
use common::seen::{RowName, Use};
use common::vocabulary::{self, CurvePoint, Evaluation, Hyper, Mode, TextHyper};

use super::data::Example;
use super::fit::Fit;
use super::input::Rows;
use super::judge;
use super::model::{Golden, Model, TextOutput};
use super::side::Side;
use crate::device::Device;
use crate::error::TrainError;
use crate::family::{self, Counts, Entrant, Family, FitStatus, Material, Recipe, Span, Stretch};
use crate::plain;
use crate::version::{Files, Version};

/// Cases in `golden.json`.
const GOLDEN_CASES: usize = 8;

/// NB-weighted logistic regression on n-grams.
#[derive(Debug)]
pub(crate) struct Text;

fn own(hyper: &Hyper) -> Result<&TextHyper, TrainError> {
    match hyper {
        Hyper::Text(hyper) => Ok(hyper),
        Hyper::Forecaster(_) | Hyper::Recommender(_) | Hyper::Tabular(_) => {
            Err(plain::alien(hyper, "classifier of texts"))
        }
    }
}

/// A fit, and how many rows it is of.
pub(crate) struct Training<'a> {
    fit: Fit<'a>,
    counts: Counts,
}

impl Family for Text {
    const FAMILY: vocabulary::Family = vocabulary::Family::Text;
    type Model = Model;
    type Rows = Rows;
    type Fit<'a> = Training<'a>;

    fn rows(material: &Material<'_>, hyper: &Hyper, seen_by: Option<&Version<Self>>) -> Result<Rows, TrainError> {
        Rows::read(material, own(hyper)?, seen_by.map(|version| &version.manifest))
    }

    fn span(rows: &Rows) -> Span {
        rows.span()
    }

    fn named(rows: &Rows) -> Option<Vec<(RowName, Use)>> {
        Some(rows.named())
    }

    fn leave_out(rows: &mut Rows, is_known: &dyn Fn(&RowName) -> bool) {
        rows.leave_out(is_known);
    }

    fn left_out(rows: &Rows) -> u64 {
        rows.left_out
    }

    fn come(rows: &Rows) -> u64 {
        rows.come().len() as u64
    }

    fn familiar(rows: &Rows) -> Familiar {
        rows.familiar()
    }

    fn inputs(rows: &Rows, of: Stretch, familiar: &Familiar, show: &mut dyn FnMut(&str, &Values<'_>)) {
        rows.show(of, familiar, show);
    }

    fn begin<'a>(
        rows: &'a Rows,
        recipe: &Recipe<'_>,
        parent: Option<&'a Version<Self>>,
    ) -> Result<Training<'a>, TrainError> {
        rows.guard()?;
        let hyper = own(recipe.hyper)?;
        let validation = rows.examples(Side::Validation);
        let (fit, train, new) = match (recipe.mode, parent) {
            (Mode::Incremental, Some(parent)) => {
                let part = |new| rows.training(new).map(|row| row.example()).collect::<Vec<Example<'_>>>();
                let (old, new) = (part(false), part(true));
                rows.nothing_to_forget()?;
                if new.is_empty() {
                    return Err(plain::nothing_new("text"));
                }
                let replayed = (hyper.replay * new.len() as f64).min(old.len() as f64) as usize;
                (Fit::update(hyper, &parent.model, &old, &new, &validation)?, new.len() + replayed, new.len())
            }
            (mode, _) => {
                let train = rows.all_training();
                let hyper = TextHyper { epochs: plain::passes(mode, hyper.epochs), ..hyper.clone() };
                (Fit::new(&hyper, &train, &validation)?, train.len(), train.len())
            }
        };
        let counts = Counts { train: train as u64, new: new as u64, validation: validation.len() as u64 };
        Ok(Training { fit, counts })
    }

    fn to_score(rows: &Rows) -> usize {
        rows.on(Side::Holdout).count()
    }

    fn judge(
        rows: &Rows,
        challenger: Entrant<'_, Model>,
        others: &mut [(Contestant, Version<Self>)],
    ) -> Result<(RowLosses, Evaluation), TrainError> {
        judge::judge(rows, challenger.model, others)
    }

    fn mean_loss(rows: &Rows, model: &mut Model, side: family::Side) -> Result<f64, TrainError> {
        Ok(judge::mean_loss(rows, model, side))
    }

    fn write(rows: &Rows, model: &mut Model, folder: &Path) -> Result<Vec<&'static str>, TrainError> {
        let held_out: Vec<&str> = rows.on(Side::Holdout).map(|placed| placed.row.text.as_str()).collect();
        let golden = model.golden(&held_out, GOLDEN_CASES);
        plain::write(folder, &model.tensors(), &model.preprocessing()?, &golden, &rows.sketch())
    }

    fn open(files: &Files<'_>, _: Device) -> Result<Model, TrainError> {
        plain::open(files, Model::load, |model, cases: &[Golden]| {
            let answers = model.predict(&cases.iter().map(|case| case.text.as_str()).collect::<Vec<_>>());
            let same =
                |(case, answer): &(&Golden, TextOutput)| case.probability.to_bits() == answer.probability.to_bits();
            let (case, answer) = cases.iter().zip(answers).find(|pair| !same(pair))?;
            Some(format!("expected {case:?}, but the model answers {answer:?}"))
        })
    }
}

impl family::Fit for Training<'_> {
    type Model = Model;

    fn advance(&mut self) -> Result<bool, TrainError> {
        self.fit.advance()
    }

    fn status(&self) -> FitStatus {
        let position = self.fit.position();
        let point = |(epoch, losses): (u32, &super::position::Epoch)| CurvePoint {
            epoch,
            train_loss: losses.train,
            validation_loss: losses.validation,
        };
        let curve = (1..).zip(&position.curve).map(point).collect();
        let passes = (position.epoch, position.epochs);
        FitStatus::of_passes(passes, passes, curve, position.epoch)
    }

    fn counts(&self) -> Counts {
        self.counts
    }

    fn state(&self) -> Result<family::State, TrainError> {
        Ok(family::State { tensors: self.fit.state(), position: serde_json::Value::Null })
    }

    fn resume(&mut self, state: family::State) -> Result<(), String> {
        self.fit.restore(state.tensors).map_err(|error| error.to_string())
    }

    fn finish(&self) -> Result<Model, TrainError> {
        Ok(self.fit.clone().finish())
    }
}
