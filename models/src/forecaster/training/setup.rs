//! Everything a training knows before its first step.

use std::ops::Range;
use std::path::PathBuf;

use chrono::NaiveDate;
use common::vocabulary::{ForecasterHyper, Mode, ModelKey, Snapshot, Symbol, TrainSpec};

use super::material;
use super::plan::Plan;
use crate::device::Device;
use crate::error::TrainError;
use crate::forecaster::artifact::Loaded;
use crate::forecaster::dataset::RowIndex;
use crate::forecaster::features::{DailySeries, FEATURES, Prepared, prepare};
use crate::forecaster::network::Shape;
use crate::run::Inputs;

/// The rows, the plan, and the version it starts from.
pub(super) struct Setup {
    /// In effect, but for what the mode changes (see [`Plan::hyper`]).
    pub(super) hyper: ForecasterHyper,
    /// In the order of the embedding.
    pub(super) symbols: Vec<Symbol>,
    pub(super) series: Vec<DailySeries>,
    pub(super) prepared: Prepared,
    pub(super) plan: Plan,
    pub(super) parent: Option<Parent>,
}

/// The version an incremental training starts from.
pub(super) struct Parent {
    pub(super) seen_through: NaiveDate,
    /// Rows its weights were fitted on.
    pub(super) fitted: Range<RowIndex>,
}

impl Setup {
    /// Reads what the spec names.
    pub(super) fn new(
        spec: &TrainSpec,
        hyper: ForecasterHyper,
        inputs: &Inputs,
        device: Device,
    ) -> Result<Self, TrainError> {
        let series = material::series(&spec.snapshot, &inputs.parts)?;
        match spec.mode {
            Mode::Complete => Self::from_scratch(spec, hyper, series, Plan::complete),
            Mode::Quick => Self::from_scratch(spec, hyper, series, Plan::quick),
            Mode::Incremental => Self::from_parent(spec, hyper, series, inputs.parent.as_ref(), device),
        }
    }

    fn from_scratch(
        spec: &TrainSpec,
        hyper: ForecasterHyper,
        series: Vec<DailySeries>,
        plan: fn(Shape, &ForecasterHyper, &crate::forecaster::features::Split) -> Plan,
    ) -> Result<Self, TrainError> {
        let Snapshot::Bars { symbols, .. } = &spec.snapshot;
        let prepared = prepare(&series, symbols, &hyper, &spec.split, None)?;
        let many = symbols.len() > 1 || spec.model == ModelKey::universal_forecaster();
        let shape = Shape {
            features: FEATURES,
            window: prepared.data.window,
            layers: hyper.layers as usize,
            hidden: hyper.hidden as usize,
            symbols: if many { symbols.len() } else { 0 },
        };
        let plan = plan(shape, &hyper, &prepared.split);
        Ok(Self { hyper, symbols: symbols.clone(), series, prepared, plan, parent: None })
    }

    /// The parent decides network, symbols and preprocessing.
    fn from_parent(
        spec: &TrainSpec,
        hyper: ForecasterHyper,
        series: Vec<DailySeries>,
        folder: Option<&PathBuf>,
        device: Device,
    ) -> Result<Self, TrainError> {
        let none = || TrainError::Code("an incremental training needs a version to start from".into());
        let parent = material::version(spec.parent.as_ref().ok_or_else(none)?, folder.map(PathBuf::as_path), device)?;
        let shape = parent.lens.network;
        let Shape { layers, hidden, window, .. } = shape;
        if (hyper.layers as usize, hyper.hidden as usize, hyper.window as usize) != (layers, hidden, window) {
            return Err(TrainError::Data(format!(
                "an incremental training keeps its parent's network (layers = {layers}, hidden = {hidden}, \
                 window = {window}): ask for a complete training to change it"
            )));
        }
        let symbols = parent.symbols().to_vec();
        let Loaded { manifest, lens, network } = parent;
        let prepared = prepare(&series, &symbols, &hyper, &spec.split, Some(&lens.inputs))?;
        let (fitted, new) = prepared.split.old_and_new(&prepared.data, manifest.data_through, &manifest.split);
        if new.is_empty() {
            return Err(TrainError::Data(
                "no row has become trainable since the live version: ask for a complete training, or wait for data"
                    .into(),
            ));
        }
        let plan = Plan::incremental(shape, &hyper, &prepared.split, (fitted.clone(), new), &network.weights());
        let parent = Parent { seen_through: manifest.seen_through, fitted };
        Ok(Self { hyper, symbols, series, prepared, plan, parent: Some(parent) })
    }

    /// The snapshot, with the symbols as the version knows them.
    pub(super) fn snapshot(&self, spec: &TrainSpec) -> Snapshot {
        let Snapshot::Bars { parts, .. } = &spec.snapshot;
        Snapshot::Bars { symbols: self.symbols.clone(), parts: parts.clone() }
    }

    /// Last target the result will have seen in any way, ancestors included.
    pub(super) fn seen_through(&self) -> NaiveDate {
        let of_parent = self.parent.as_ref().map(|parent| parent.seen_through);
        self.prepared.split.seen_through(&self.prepared.data, of_parent).unwrap_or_default()
    }
}
