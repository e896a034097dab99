//! Files become a forecaster again, once the golden cases agree.

use common::vocabulary::{Snapshot, files as names};

use super::NetworkPreprocessing;
use crate::device::{self, Device};
use crate::error::TrainError;
use crate::forecaster::Model;
use crate::forecaster::golden::{DEVICE_TOLERANCE, Golden, GoldenOutput, TOLERANCE};
use crate::forecaster::network::{Network, NetworkOutput};
use crate::sketch::Sketch;
use crate::tensors::Tensors;
use crate::version::Files;

/// Opens the forecaster in these files. Whether they are what they were, the processor says, which every machine has; a device is
/// then held to the processor.
///
/// # Errors
/// [`TrainError::Damaged`] names the first file that is not what it should be; [`TrainError::Code`]: the device computes otherwise.
pub(crate) fn open(files: &Files<'_>, device: Device) -> Result<Model, TrainError> {
    let preprocessing: NetworkPreprocessing = files.json(names::PREPROCESSING)?;
    let golden: Golden = files.json(names::GOLDEN)?;
    let sketch: Sketch = files.json(names::SKETCH)?;
    sketch.check(&preprocessing.inputs.features).map_err(|error| files.damaged(names::SKETCH, error))?;
    let weights = weights(&preprocessing, &files.read(names::WEIGHTS)?)
        .map_err(|reason| files.damaged(names::WEIGHTS, reason))?;
    let Snapshot::Bars { symbols, .. } = &files.manifest.snapshot else {
        return Err(files.damaged(names::MANIFEST, "a forecaster that has learnt from no bars"));
    };
    let network = Network::new(preprocessing.network, Device::Cpu, &weights);
    let mut model = Model { symbols: symbols.clone(), network, preprocessing };
    check(&mut model, &golden, TOLERANCE).map_err(|reason| files.damaged(names::GOLDEN, reason))?;
    if device != Device::Cpu {
        model.network = Network::new(model.preprocessing.network, device, &weights);
        check(&mut model, &golden, DEVICE_TOLERANCE).map_err(|reason| {
            TrainError::Code(format!("{} computes otherwise than the processor: {reason}", device::name(device)))
        })?;
    }
    Ok(model)
}

fn check(model: &mut Model, golden: &Golden, tolerance: f64) -> Result<(), String> {
    let shape = model.preprocessing.network;
    let symbols = shape.symbols as u32;
    if let Some(case) = golden.cases.iter().find(|case| symbols > 0 && case.symbol > symbols) {
        return Err(format!("it asks for symbol {} of {symbols}", case.symbol));
    }
    let calibration = model.preprocessing.calibration;
    let mut failed = None;
    let need = shape.window * shape.features;
    let checked = golden.check(need, tolerance, |symbol, window| match model.answer(symbol, window) {
        Ok(answer) => output(&answer, calibration),
        Err(error) => {
            failed = Some(error.to_string());
            GoldenOutput { location: f64::NAN, scale: f64::NAN, degrees: f64::NAN }
        }
    });
    failed.map_or(checked.map_err(|error| error.to_string()), Err)
}

/// An answer as `golden.json` writes it down.
pub(crate) fn output(answer: &NetworkOutput, calibration: f64) -> GoldenOutput {
    GoldenOutput {
        location: f64::from(answer.location),
        scale: f64::from(answer.scale) * calibration,
        degrees: f64::from(answer.degrees),
    }
}

/// The weights in the order of the flat buffer.
fn weights(preprocessing: &NetworkPreprocessing, bytes: &[u8]) -> Result<Vec<f32>, String> {
    let mut tensors = Tensors::decode(bytes)?;
    let mut weights = Vec::with_capacity(preprocessing.network.weights());
    for parameter in preprocessing.network.parameters() {
        weights.extend(tensors.take_f32(&parameter.name, &parameter.sizes).map_err(|error| error.to_string())?);
    }
    Ok(weights)
}
