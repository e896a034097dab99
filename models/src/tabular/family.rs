//! Models of records as a family.

use std::collections::BTreeMap;
use std::path::Path;

use common::drift::{Familiar, Values};
use common::losses::{Contestant, RowLosses};
use common::seen::{RowName, Use};
use common::vocabulary::{self, CurvePoint, Evaluation, Hyper, Mode, TabularHyper};
use serde::{Deserialize, Serialize};

use super::answer::predict;
use super::fit::Fit;
use super::input::Rows;
use super::judge;
use super::model::Model;
use super::sides::Side;
use crate::device::Device;
use crate::error::TrainError;
use crate::family::{self, Counts, Entrant, Family, FitStatus, Material, Recipe, Span, Stretch};
use crate::plain;
use crate::version::{Files, Version};

/// Linear models, networks and boosted trees on typed columns.
#[derive(Debug)]
pub(crate) struct Tabular;

/// A record and what the model must say of it wherever it is loaded.
#[derive(Debug, Serialize, Deserialize)]
struct Golden {
    record: BTreeMap<String, String>,
    value: f64,
}

fn own(hyper: &Hyper) -> Result<&TabularHyper, TrainError> {
    match hyper {
        Hyper::Tabular(hyper) => Ok(hyper),
        Hyper::Forecaster(_) | Hyper::Recommender(_) | Hyper::Text(_) => Err(plain::alien(hyper, "model of records")),
    }
}

/// A fit, and how it began.
pub(crate) struct Training<'a> {
    rows: &'a Rows,
    hyper: TabularHyper,
    parent: Option<&'a Model>,
    fit: Fit<'a>,
}

impl<'a> Training<'a> {
    fn begin(rows: &'a Rows, hyper: &TabularHyper, parent: Option<&'a Model>) -> Result<Fit<'a>, TrainError> {
        match parent {
            None => Fit::new(rows.data(), &rows.on(Side::Fit), hyper),
            Some(parent) => Fit::update(parent, rows.data(), &rows.fitted(true), &rows.fitted(false), hyper),
        }
    }
}

impl Family for Tabular {
    const FAMILY: vocabulary::Family = vocabulary::Family::Tabular;
    type Model = Model;
    type Rows = Rows;
    type Fit<'a> = Training<'a>;

    fn rows(material: &Material<'_>, hyper: &Hyper, seen_by: Option<&Version<Self>>) -> Result<Rows, TrainError> {
        own(hyper)?;
        Rows::read(material, seen_by)
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
        rows.data().unusable
    }

    fn come(rows: &Rows) -> u64 {
        rows.come().len() as u64
    }

    fn inputs(rows: &Rows, of: Stretch, _: &Familiar, show: &mut dyn FnMut(&str, &Values<'_>)) {
        rows.show(of, show);
    }

    fn begin<'a>(
        rows: &'a Rows,
        recipe: &Recipe<'_>,
        parent: Option<&'a Version<Self>>,
    ) -> Result<Training<'a>, TrainError> {
        rows.guard()?;
        let hyper = own(recipe.hyper)?;
        let parent = parent.filter(|_| recipe.mode == Mode::Incremental).map(|parent| &parent.model);
        if parent.is_some() {
            plain::nothing_to_forget(rows.forgotten, "records")?;
        }
        if parent.is_some() && rows.fitted(true).is_empty() {
            return Err(plain::nothing_new("record"));
        }
        let hyper = TabularHyper {
            epochs: plain::passes(recipe.mode, hyper.epochs).min(hyper.epochs),
            trees: plain::passes(recipe.mode, hyper.trees).min(hyper.trees),
            ..hyper.clone()
        };
        let fit = Training::begin(rows, &hyper, parent)?;
        Ok(Training { rows, hyper, parent, fit })
    }

    fn to_score(rows: &Rows) -> usize {
        rows.on(Side::Holdout).len()
    }

    fn judge(
        rows: &Rows,
        challenger: Entrant<'_, Model>,
        others: &mut [(Contestant, Version<Self>)],
    ) -> Result<(RowLosses, Evaluation), TrainError> {
        judge::judge(rows, challenger.model, others)
    }

    fn mean_loss(rows: &Rows, model: &mut Model, side: family::Side) -> Result<f64, TrainError> {
        judge::mean_loss(rows, model, side)
    }

    /// All rows that are not held out are fitted on: the inner folds have shown what is to be expected of others.
    fn validation_loss(_: &Rows, training: &Training<'_>, _: &mut Model) -> Result<f64, TrainError> {
        let missing = || TrainError::Code("the inner folds have chosen nothing".into());
        training.fit.validation_loss().ok_or_else(missing)
    }

    fn write(rows: &Rows, model: &mut Model, folder: &Path) -> Result<Vec<&'static str>, TrainError> {
        let records = rows.some_records(&rows.on(Side::Holdout), 4);
        let answers = predict(model, &records)?;
        let golden: Vec<Golden> =
            records.into_iter().zip(answers).map(|(record, answer)| Golden { record, value: answer.value }).collect();
        plain::write(folder, &model.tensors(), &model.preprocessing()?, &golden, &rows.sketch())
    }

    fn open(files: &Files<'_>, _: Device) -> Result<Model, TrainError> {
        plain::open(files, Model::load, |model, cases: &[Golden]| {
            let records: Vec<_> = cases.iter().map(|case| case.record.clone()).collect();
            let answers = match predict(model, &records) {
                Ok(answers) => answers,
                Err(error) => return Some(error.to_string()),
            };
            let other = cases.iter().zip(answers).find(|(case, answer)| case.value.to_bits() != answer.value.to_bits());
            other.map(|(case, answer)| format!("expected {case:?}, but the model answers {answer:?}"))
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
        let curve = (1..).zip(&position.curve).filter(|(_, (train, _))| train.is_finite());
        let point = |(epoch, (train, validation)): (u32, &(f64, f64))| CurvePoint {
            epoch,
            train_loss: *train,
            validation_loss: if validation.is_finite() { *validation } else { *train },
        };
        let pieces = (position.piece, position.pieces);
        FitStatus::of_passes((position.round, position.rounds), pieces, curve.map(point).collect(), position.round)
    }

    fn counts(&self) -> Counts {
        let all = self.rows.on(Side::Fit).len() as u64;
        let new = if self.parent.is_some() { self.rows.fitted(true).len() as u64 } else { all };
        Counts { train: all, new, validation: 0 }
    }

    fn state(&self) -> Result<family::State, TrainError> {
        Ok(family::State { tensors: self.fit.state(), position: serde_json::Value::Null })
    }

    fn resume(&mut self, state: family::State) -> Result<(), String> {
        let fresh = Training::begin(self.rows, &self.hyper, self.parent).map_err(|error| error.to_string())?;
        self.fit = fresh.resume(state.tensors).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn finish(&self) -> Result<Model, TrainError> {
        self.fit.model()
    }
}
