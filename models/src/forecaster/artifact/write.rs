//! A forecaster becomes files.

use std::path::Path;

use common::vocabulary::files as names;

use super::script;
use crate::error::TrainError;
use crate::files;
use crate::forecaster::Model;
use crate::forecaster::golden::Golden;
use crate::forecaster::network::Parameter;
use crate::sketch::Sketch;
use crate::tensors::Tensors;

/// Writes weights, preprocessing, golden cases, sketch and script, and names them.
///
/// # Errors
/// The file system or LibTorch's exporter refuses.
pub(crate) fn write(
    folder: &Path,
    model: &Model,
    golden: &Golden,
    sketch: &Sketch,
) -> Result<Vec<&'static str>, TrainError> {
    let weights = model.network.weights();
    let mut tensors = Tensors::default();
    for Parameter { name, sizes, offset } in model.preprocessing.network.parameters() {
        let count: usize = sizes.iter().product();
        tensors.f32(&name, &sizes, weights[offset..offset + count].to_vec());
    }
    files::write_whole(&folder.join(names::WEIGHTS), &tensors.encode(None)?)?;
    files::write_whole(&folder.join(names::PREPROCESSING), &serde_json::to_vec_pretty(&model.preprocessing)?)?;
    files::write_whole(&folder.join(names::GOLDEN), &serde_json::to_vec(golden)?)?;
    files::write_whole(&folder.join(names::SKETCH), &serde_json::to_vec_pretty(sketch)?)?;
    script::write(&folder.join(names::SCRIPT), &model.preprocessing, &weights)?;
    Ok(vec![names::WEIGHTS, names::PREPROCESSING, names::GOLDEN, names::SKETCH, names::SCRIPT])
}
