//! Everything a training or an evaluation knows before its first step: bars, rows, and how they are parted.

use std::ops::Range;

use chrono::NaiveDate;
use common::drift::Values;
use common::vocabulary::{ForecasterHyper, Mode, ModelKey, Snapshot, Symbol};

use super::material;
use super::plan::TrainingPlan;
use crate::error::TrainError;
use crate::family::{Material, Recipe, Side, Span, Stretch};
use crate::forecaster::dataset::RowIndex;
use crate::forecaster::features::{DailySeries, FEATURE_NAMES, FEATURES, Prepared, prepare_to_score};
use crate::forecaster::network::Shape;
use crate::forecaster::{self, Forecaster};
use crate::plain;
use crate::version::Version;

/// The rows of a job.
#[derive(Debug)]
pub(crate) struct Rows {
    /// In the order of the embedding.
    pub(super) symbols: Vec<Symbol>,
    /// Whether symbols are told apart: by one model over many.
    embedded: bool,
    pub(super) series: Vec<DailySeries>,
    pub(super) prepared: Prepared,
    /// Training rows that the parent's weights were fitted on; none without a parent.
    pub(super) old: Range<RowIndex>,
    /// Those new to it: all, without a parent.
    new: Range<RowIndex>,
    /// The newest bar that the version has been given.
    given_through: Option<NaiveDate>,
}

impl Rows {
    /// Reads what the job names. The version that has seen them before decides symbols and preprocessing.
    pub(crate) fn read(
        material: &Material<'_>,
        hyper: &ForecasterHyper,
        seen_by: Option<&Version<Forecaster>>,
    ) -> Result<Self, TrainError> {
        let Snapshot::Bars { symbols, .. } = material.snapshot else {
            return Err(TrainError::Code("a forecaster was given rows that are no bars".into()));
        };
        let series = material::series(material.snapshot, material.parts)?;
        let Some(version) = seen_by else {
            let prepared = prepare_to_score(&series, symbols, hyper, (material.split, material.scored), None)?;
            let embedded = symbols.len() > 1 || *material.model == ModelKey::universal_forecaster();
            let (old, new) = (0..0, prepared.split.train.clone());
            return Ok(Self { symbols: symbols.clone(), embedded, series, prepared, old, new, given_through: None });
        };
        let (manifest, preprocessing) = (&version.manifest, &version.model.preprocessing);
        let symbols = version.model.symbols.clone();
        let prepared =
            prepare_to_score(&series, &symbols, hyper, (material.split, material.scored), Some(&preprocessing.inputs))?;
        let (old, new) = prepared.split.old_and_new(&prepared.data, manifest.data_through, &manifest.split);
        let (embedded, given_through) = (preprocessing.network.symbols > 0, Some(manifest.data_through));
        Ok(Self { symbols, embedded, series, prepared, old, new, given_through })
    }

    /// The rows of a side.
    pub(crate) fn side(&self, side: Side) -> Range<RowIndex> {
        match side {
            Side::Holdout => self.prepared.split.holdout.clone(),
            Side::Validation => self.prepared.split.validation.clone(),
            Side::Old => self.old.clone(),
        }
    }

    /// The rows that inputs are shown of, in order of date.
    pub(crate) fn stretch(&self, of: Stretch) -> Range<RowIndex> {
        let rows = &self.prepared.data.rows;
        let first = match (of, self.given_through) {
            (Stretch::Training, _) => 0,
            (Stretch::Come, None) => rows.len(),
            (Stretch::Come, Some(through)) => rows.partition_point(|row| row.date <= through),
        };
        first as RowIndex..rows.len() as RowIndex
    }

    /// Shows the inputs of each row's newest bar, column by column.
    pub(crate) fn show(&self, of: Stretch, show: &mut dyn FnMut(&str, &Values<'_>)) {
        let data = &self.prepared.data;
        for (column, name) in FEATURE_NAMES.into_iter().enumerate() {
            let newest = |row: RowIndex| {
                let window = data.window_of(data.row(row));
                window.len().checked_sub(FEATURES).map_or(f64::NAN, |bar| f64::from(window[bar + column]))
            };
            show(name, &Values::Numbers(self.stretch(of).map(newest).collect()));
        }
    }

    /// Rows, parts and preprocessing.
    pub(crate) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// The snapshot, with the symbols as the version knows them.
    pub(crate) fn snapshot(&self, given: &Snapshot) -> Snapshot {
        match given {
            Snapshot::Bars { parts, .. } => Snapshot::Bars { symbols: self.symbols.clone(), parts: parts.clone() },
            Snapshot::Table { .. } => given.clone(),
        }
    }

    /// What the rows say of themselves.
    pub(crate) fn span(&self) -> Span {
        let Prepared { data, split, .. } = &self.prepared;
        Span { fitted_through: split.seen_through(data, None), data_through: material::data_through(&self.series) }
    }

    /// What a training does with them.
    pub(crate) fn plan(
        &self,
        recipe: &Recipe<'_>,
        hyper: &ForecasterHyper,
        parent: Option<&forecaster::Model>,
    ) -> Result<TrainingPlan, TrainError> {
        let split = &self.prepared.split;
        let shape = Shape {
            features: FEATURES,
            window: self.prepared.data.window,
            layers: hyper.layers as usize,
            hidden: hyper.hidden as usize,
            symbols: if self.embedded { self.symbols.len() } else { 0 },
        };
        match (recipe.mode, parent) {
            (Mode::Incremental, Some(parent)) => {
                if self.new.is_empty() {
                    return Err(plain::nothing_new("row"));
                }
                let rows = (self.old.clone(), self.new.clone());
                Ok(TrainingPlan::incremental(
                    parent.preprocessing.network,
                    hyper,
                    split,
                    rows,
                    &parent.network.weights(),
                ))
            }
            (Mode::Quick, _) => Ok(TrainingPlan::quick(shape, hyper, split)),
            (Mode::Complete | Mode::Incremental, _) => Ok(TrainingPlan::complete(shape, hyper, split)),
        }
    }
}
