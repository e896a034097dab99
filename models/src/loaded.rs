//! A version of any family, open and ready to answer.

use std::path::Path;

use common::bars::Bar;
use common::vocabulary::{ContentHash, Hyper, Manifest, Symbol};
use common::wire::{Forecast, PredictQuestion, Prediction};

use crate::device::{self, Device};
use crate::error::TrainError;
use crate::forecaster::Forecaster;
use crate::recommender::{self, Recommender};
use crate::tabular::{self, Tabular};
use crate::text::{self, Text};
use crate::version::{self, Version};

/// A version read back whole: its hashes and its golden cases have been checked. Callers keep it, opening is dear.
#[derive(Debug)]
pub struct Loaded(Kind);

#[derive(Debug)]
enum Kind {
    Forecaster(Version<Forecaster>),
    Recommender(Version<Recommender>),
    Text(Version<Text>),
    Tabular(Version<Tabular>),
}

impl Loaded {
    /// Opens the artifact in `folder`, whose `manifest.json` must have this hash.
    ///
    /// # Errors
    /// [`TrainError::Damaged`] names the first file that is not what it should be.
    pub fn open(folder: &Path, manifest: &ContentHash, device: Device) -> Result<Self, TrainError> {
        let manifest = version::manifest(folder, manifest)?;
        let device = device::suited(manifest.hyper.family(), device);
        let kind = match &manifest.hyper {
            Hyper::Forecaster(_) => Kind::Forecaster(Version::of(folder, manifest, device)?),
            Hyper::Recommender(_) => Kind::Recommender(Version::of(folder, manifest, device)?),
            Hyper::Text(_) => Kind::Text(Version::of(folder, manifest, device)?),
            Hyper::Tabular(_) => Kind::Tabular(Version::of(folder, manifest, device)?),
        };
        Ok(Self(kind))
    }

    /// What is known about the version.
    pub fn manifest(&self) -> &Manifest {
        match &self.0 {
            Kind::Forecaster(version) => &version.manifest,
            Kind::Recommender(version) => &version.manifest,
            Kind::Text(version) => &version.manifest,
            Kind::Tabular(version) => &version.manifest,
        }
    }

    /// The distribution of the next log-return of `symbol` after `bars` (oldest first, the more the better: recent volatility
    /// needs a history). A symbol the version does not know is forecast by its `unknown` row, if it has one.
    ///
    /// # Errors
    /// [`TrainError::Data`]: too few bars, bars that cannot be used, or a symbol this version was not made for.
    pub fn forecast(&mut self, symbol: &Symbol, bars: &[Bar]) -> Result<Forecast, TrainError> {
        match &mut self.0 {
            Kind::Forecaster(version) => version.model.forecast(symbol, bars),
            Kind::Recommender(_) | Kind::Text(_) | Kind::Tabular(_) => Err(self.other("forecasts")),
        }
    }

    /// Answers a question.
    ///
    /// # Errors
    /// [`TrainError::Data`]: a question of another family, or one this version cannot answer.
    pub fn predict(&mut self, question: &PredictQuestion) -> Result<Prediction, TrainError> {
        match (&mut self.0, question) {
            (_, PredictQuestion::Forecast { symbol, bars }) => self.forecast(symbol, bars).map(Prediction::Forecast),
            (Kind::Text(version), PredictQuestion::Texts { texts }) => Ok(text::answer(&version.model, texts)),
            (Kind::Recommender(version), PredictQuestion::Ratings { pairs }) => {
                Ok(recommender::ratings(&version.model, pairs))
            }
            (Kind::Recommender(version), PredictQuestion::List { user, ratings, n }) => {
                Ok(recommender::list(&version.model, user, ratings, *n))
            }
            (Kind::Tabular(version), PredictQuestion::Records { rows }) => tabular::answer(&version.model, rows),
            (_, PredictQuestion::Records { .. }) => Err(self.other("predictions for records")),
            (_, PredictQuestion::Texts { .. }) => Err(self.other("classes of texts")),
            (_, PredictQuestion::Ratings { .. } | PredictQuestion::List { .. }) => Err(self.other("ratings")),
        }
    }

    fn other(&self, what: &str) -> TrainError {
        let manifest = self.manifest();
        TrainError::Data(format!("{} is a {}: it gives no {what}", manifest.model, manifest.hyper.family()))
    }
}
