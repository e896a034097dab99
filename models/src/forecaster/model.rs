//! A trained forecaster.

use common::vocabulary::Symbol;

use super::artifact::NetworkPreprocessing;
use super::network::{Batch, Network, NetworkOutput};
use crate::error::TrainError;

/// A network, how it sees bars, and whose.
#[derive(Debug)]
pub(crate) struct Model {
    /// In the order of the embedding.
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) preprocessing: NetworkPreprocessing,
    pub(crate) network: Network,
}

impl Model {
    /// Answers for one window, calibrated, in units of recent volatility.
    pub(crate) fn answer(&mut self, symbol: u32, window: &[f32]) -> Result<NetworkOutput, TrainError> {
        let batch = Batch { inputs: window.to_vec(), symbols: vec![i64::from(symbol)], targets: vec![0.0] };
        let (answers, _) = self.network.answer(&batch)?;
        Ok(answers[0])
    }
}
