//! `model.ts`: the same network for those who have LibTorch or PyTorch, but not Refit.

use std::path::Path;

use tch::{CModule, Device, Kind, Tensor};

use super::NetworkPreprocessing;
use crate::error::TrainError;
use crate::forecaster::network::{self, Distribution, Pass};

/// Traces the network into a file.
///
/// `forward(inputs[rows, window, features])` gives `[rows, 3]`: location, calibrated scale and degrees of freedom of each
/// row's Student-t, in units of recent volatility. A model of many symbols takes `symbols[rows]` (int64) as well. Inputs are
/// standardised as `preprocessing.json` says.
pub(super) fn write(path: &Path, preprocessing: &NetworkPreprocessing, weights: &[f32]) -> Result<(), TrainError> {
    tch::no_grad(|| {
        let shape = preprocessing.network;
        let weights = Tensor::from_slice(weights);
        // Two rows, so that no size of 1 is taken for a constant.
        let inputs = Tensor::zeros([2, shape.window as i64, shape.features as i64], (Kind::Float, Device::Cpu));
        let symbols = Tensor::zeros([2], (Kind::Int64, Device::Cpu));
        let examples = if shape.symbols > 0 { vec![inputs, symbols] } else { vec![inputs] };
        let mut forward = |given: &[Tensor]| {
            let time_first = given[0].transpose(0, 1);
            let symbols = given.get(1).unwrap_or(&given[0]);
            let Distribution { location, scale, degrees } =
                network::distribution(&shape, &weights, &time_first, symbols, Pass::Answer);
            let degrees = degrees.expand_as(&location);
            vec![Tensor::stack(&[location, scale * preprocessing.calibration, degrees], 1)]
        };
        Ok(CModule::create_by_tracing("Forecaster", "forward", &examples, &mut forward)?.save(path)?)
    })
}
