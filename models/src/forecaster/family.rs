//! Forecasters as a family.

use std::path::Path;

use common::drift::{Familiar, Values};
use common::losses::{Contestant, RowLosses};
use common::vocabulary::{self, Evaluation, ForecasterHyper, Hyper, Snapshot};

use super::training::{self, Fit, Rows};
use super::{Model, artifact};
use crate::device::Device;
use crate::error::TrainError;
use crate::family::{Entrant, Family, Material, Recipe, Side, Span, Stretch};
use crate::version::{Files, Version};

/// LSTMs over daily bars.
#[derive(Debug)]
pub(crate) struct Forecaster;

fn own(hyper: &Hyper) -> Result<&ForecasterHyper, TrainError> {
    match hyper {
        Hyper::Forecaster(hyper) => Ok(hyper),
        Hyper::Recommender(_) | Hyper::Text(_) | Hyper::Tabular(_) => {
            Err(TrainError::Code(format!("hyper-parameters of a {} for a forecaster", hyper.family())))
        }
    }
}

impl Family for Forecaster {
    const FAMILY: vocabulary::Family = vocabulary::Family::Forecaster;
    type Model = Model;
    type Rows = Rows;
    type Fit<'a> = Fit<'a>;

    fn rows(material: &Material<'_>, hyper: &Hyper, seen_by: Option<&Version<Self>>) -> Result<Rows, TrainError> {
        Rows::read(material, own(hyper)?, seen_by)
    }

    fn span(rows: &Rows) -> Span {
        rows.span()
    }

    fn snapshot(rows: &Rows, given: &Snapshot) -> Snapshot {
        rows.snapshot(given)
    }

    fn come(rows: &Rows) -> u64 {
        rows.stretch(Stretch::Come).len() as u64
    }

    fn inputs(rows: &Rows, of: Stretch, _: &Familiar, show: &mut dyn FnMut(&str, &Values<'_>)) {
        rows.show(of, show);
    }

    fn begin<'a>(
        rows: &'a Rows,
        recipe: &Recipe<'_>,
        parent: Option<&'a Version<Self>>,
    ) -> Result<Fit<'a>, TrainError> {
        let plan = rows.plan(recipe, own(recipe.hyper)?, parent.map(|parent| &parent.model))?;
        Ok(Fit::new(rows, plan, recipe.device))
    }

    fn to_score(rows: &Rows) -> usize {
        rows.side(Side::Holdout).len()
    }

    fn judge(
        rows: &Rows,
        challenger: Entrant<'_, Model>,
        others: &mut [(Contestant, Version<Self>)],
    ) -> Result<(RowLosses, Evaluation), TrainError> {
        training::judge(rows, challenger, others)
    }

    fn mean_loss(rows: &Rows, model: &mut Model, side: Side) -> Result<f64, TrainError> {
        training::mean_crps(rows, model, &rows.side(side))
    }

    fn write(rows: &Rows, model: &mut Model, folder: &Path) -> Result<Vec<&'static str>, TrainError> {
        let golden = training::golden(model, rows.prepared())?;
        artifact::write(folder, model, &golden, &rows.prepared().sketch)
    }

    fn open(files: &Files<'_>, device: Device) -> Result<Model, TrainError> {
        artifact::open(files, device)
    }
}
