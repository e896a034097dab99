//! Recommenders as a family.

use std::path::Path;

use common::drift::{Familiar, Values};
use common::losses::{Contestant, RowLosses};
use common::seen::{RowName, Use};
use common::vocabulary::{self, CurvePoint, Evaluation, Hyper, Mode, RecommenderHyper};

use super::fit::{Fit, Position, Start, State};
use super::golden::{Golden, differs, golden};
use super::judge;
use super::model::Model;
use super::rows::{News, Rows};
use crate::device::Device;
use crate::error::TrainError;
use crate::family::{self, Counts, Entrant, Family, FitStatus, Material, Recipe, Side, Span, Stretch};
use crate::plain;
use crate::version::{Files, Version};

/// Factorisations of ratings.
#[derive(Debug)]
pub(crate) struct Recommender;

fn own(hyper: &Hyper) -> Result<&RecommenderHyper, TrainError> {
    match hyper {
        Hyper::Recommender(hyper) => Ok(hyper),
        Hyper::Forecaster(_) | Hyper::Text(_) | Hyper::Tabular(_) => Err(plain::alien(hyper, "recommender")),
    }
}

/// A fit, and what only its rows know of it.
pub(crate) struct Training<'a> {
    rows: &'a Rows,
    hyper: RecommenderHyper,
    start: Start<'a>,
    fit: Fit,
    new: u64,
}

impl Family for Recommender {
    const FAMILY: vocabulary::Family = vocabulary::Family::Recommender;
    type Model = Model;
    type Rows = Rows;
    type Fit<'a> = Training<'a>;

    fn rows(material: &Material<'_>, hyper: &Hyper, seen_by: Option<&Version<Self>>) -> Result<Rows, TrainError> {
        own(hyper)?;
        Rows::read(material, seen_by.map(|version| &version.manifest))
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
        let hyper = own(recipe.hyper)?;
        let start = match (recipe.mode, parent) {
            (Mode::Incremental, Some(parent)) => {
                let News { fresh, bereft } = rows.news();
                if fresh.is_empty() && bereft.is_empty() {
                    return Err(plain::nothing_new("rating"));
                }
                Start::Incremental { parent: &parent.model, fresh, bereft }
            }
            (Mode::Complete | Mode::Quick | Mode::Incremental, _) => Start::Complete,
        };
        let hyper = RecommenderHyper { n_epochs: plain::passes(recipe.mode, hyper.n_epochs), ..hyper.clone() };
        let new = match start {
            Start::Complete => rows.sides().train.len(),
            Start::Incremental { fresh, .. } => fresh.len(),
        };
        let fit = Fit::new(rows.ratings(), rows.fitted(), hyper.clone(), start)?;
        Ok(Training { rows, hyper, start, fit, new: new as u64 })
    }

    fn to_score(rows: &Rows) -> usize {
        rows.sides().holdout.len()
    }

    fn judge(
        rows: &Rows,
        challenger: Entrant<'_, Model>,
        others: &mut [(Contestant, Version<Self>)],
    ) -> Result<(RowLosses, Evaluation), TrainError> {
        judge::judge(rows, &challenger, others)
    }

    fn mean_loss(rows: &Rows, model: &mut Model, side: Side) -> Result<f64, TrainError> {
        Ok(judge::mean_loss(rows, model, side))
    }

    fn write(rows: &Rows, model: &mut Model, folder: &Path) -> Result<Vec<&'static str>, TrainError> {
        plain::write(folder, &model.tensors(), &model.preprocessing()?, &golden(model), &rows.sketch())
    }

    fn open(files: &Files<'_>, _: Device) -> Result<Model, TrainError> {
        plain::open(files, Model::load, |model, cases: &[Golden]| {
            let (case, found) = differs(model, cases)?;
            Some(format!("expected {case:?}, but the model answers {found}"))
        })
    }
}

impl family::Fit for Training<'_> {
    type Model = Model;

    fn advance(&mut self) -> Result<bool, TrainError> {
        self.fit.advance()
    }

    fn status(&self) -> FitStatus {
        status(self.fit.position())
    }

    fn counts(&self) -> Counts {
        let sides = self.rows.sides();
        Counts { train: sides.train.len() as u64, new: self.new, validation: sides.validation.len() as u64 }
    }

    fn state(&self) -> Result<family::State, TrainError> {
        let State { tensors, position } = self.fit.state();
        Ok(family::State { tensors, position: serde_json::to_value(position)? })
    }

    fn resume(&mut self, state: family::State) -> Result<(), String> {
        let position = serde_json::from_value(state.position).map_err(|error| error.to_string())?;
        let state = State { tensors: state.tensors, position };
        self.fit = Fit::resume(self.rows.ratings(), self.rows.fitted(), self.hyper.clone(), self.start, state)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    fn finish(&self) -> Result<Model, TrainError> {
        self.fit.clone().finish()
    }
}

/// Members are trained one after the other: their passes are steps, counted through. One that stops early leaves fewer to do.
fn status(position: &Position) -> FitStatus {
    let curve: Vec<CurvePoint> = (1..)
        .zip(&position.curve)
        .map(|(epoch, point)| CurvePoint {
            epoch,
            train_loss: point.train,
            validation_loss: point.validation.unwrap_or(point.train),
        })
        .collect();
    let best = curve.iter().min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss));
    let best = best.map_or(0, |point| point.epoch);
    let done = position.curve.len() as u32;
    let left = position.members.saturating_sub(position.member) * position.epochs - position.epoch;
    FitStatus::of_passes((position.epoch, position.epochs), (done, done + left), curve, best)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn epochs_are_those_of_the_member_at_work_and_steps_those_of_all() {
        let point = |epoch: u32| json!({ "member": 0, "epoch": epoch, "train": 1.0, "validation": 1.0 });
        let curve: Vec<_> = (1..=300).map(point).collect();
        let position = json!({ "member": 2, "members": 6, "epoch": 81, "epochs": 500, "curve": curve, "best": null });
        let status = status(&serde_json::from_value(position).unwrap());
        assert_eq!((status.epoch, status.epochs), (81, 500));
        assert_eq!((status.step, status.steps), (300, 300 + 4 * 500 - 81), "the first two stopped early");
    }
}
