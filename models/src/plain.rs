//! What families of tables have in common: the files of a model that needs no script (weights, the preprocessing with all else it needs,
//! golden cases, a sketch of its inputs), and small matters of their trainings.

use std::path::Path;

use common::vocabulary::{Hyper, Mode, files as names};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::TrainError;
use crate::files;
use crate::sketch::Sketch;
use crate::tensors::Tensors;
use crate::version::Files;

/// Writes the four files, and names them.
pub(crate) fn write(
    folder: &Path,
    weights: &Tensors,
    preprocessing: &str,
    golden: &[impl Serialize],
    sketch: &Sketch,
) -> Result<Vec<&'static str>, TrainError> {
    files::write_whole(&folder.join(names::WEIGHTS), &weights.encode(None)?)?;
    files::write_whole(&folder.join(names::PREPROCESSING), preprocessing.as_bytes())?;
    files::write_whole(&folder.join(names::GOLDEN), &serde_json::to_vec(golden)?)?;
    files::write_whole(&folder.join(names::SKETCH), &serde_json::to_vec_pretty(sketch)?)?;
    Ok(vec![names::WEIGHTS, names::PREPROCESSING, names::GOLDEN, names::SKETCH])
}

/// Reads them again. `load` makes the model; `differs` asks it the golden cases, and says which one it answers otherwise.
///
/// # Errors
/// [`TrainError::Damaged`] names the file that is not what it should be.
pub(crate) fn open<M, G: DeserializeOwned>(
    files: &Files<'_>,
    load: impl FnOnce(Tensors, &str) -> Result<M, TrainError>,
    differs: impl FnOnce(&M, &[G]) -> Option<String>,
) -> Result<M, TrainError> {
    let weights =
        Tensors::decode(&files.read(names::WEIGHTS)?).map_err(|reason| files.damaged(names::WEIGHTS, reason))?;
    let preprocessing = String::from_utf8(files.read(names::PREPROCESSING)?)
        .map_err(|error| files.damaged(names::PREPROCESSING, error))?;
    let _readable: Sketch = files.json(names::SKETCH)?;
    let model = load(weights, &preprocessing).map_err(|error| files.damaged(names::PREPROCESSING, error))?;
    let cases: Vec<G> = files.json(names::GOLDEN)?;
    if cases.is_empty() {
        return Err(files.damaged(names::GOLDEN, "there is no case in it"));
    }
    match differs(&model, &cases) {
        None => Ok(model),
        Some(how) => Err(files.damaged(names::GOLDEN, how)),
    }
}

/// Refuses an incremental training whose parent has learnt from rows that are gone. `what`: texts, records.
pub(crate) fn nothing_to_forget(forgotten: usize, what: &str) -> Result<(), TrainError> {
    match forgotten {
        0 => Ok(()),
        rows => Err(TrainError::Data(format!(
            "{rows} {what} that the parent has learnt from have been deleted or changed since, which only a complete training \
             forgets: ask for one"
        ))),
    }
}

/// An incremental training without anything new. `what`: a row, a rating.
pub(crate) fn nothing_new(what: &str) -> TrainError {
    TrainError::Data(format!(
        "no {what} has become trainable since the live version: ask for a complete training, or wait for data"
    ))
}

/// The passes of a training in this mode, of those of a complete one.
pub(crate) fn passes(mode: Mode, complete: u32) -> u32 {
    match mode {
        Mode::Complete | Mode::Incremental => complete,
        Mode::Quick => (complete / 4).max(1),
    }
}

/// Hyper-parameters of another family.
pub(crate) fn alien(hyper: &Hyper, what: &str) -> TrainError {
    TrainError::Code(format!("hyper-parameters of a {} for a {what}", hyper.family()))
}
