//! What a training remembers of its inputs, and how those that have come since compare.

use std::path::Path;

use common::drift::{InputDrift, Look, Sketch};
use common::vocabulary::{Manifest, files as names};

use crate::error::TrainError;
use crate::family::{Family, Stretch};
use crate::files;

/// Of all rows that a training is given: those that judge a version are no news to it.
pub(crate) fn sketch<F: Family>(rows: &F::Rows) -> Sketch {
    let familiar = F::familiar(rows);
    let mut sketch = Sketch::new(familiar.clone());
    F::inputs(rows, Stretch::Training, &familiar, &mut |name, values| sketch.add(name, values));
    sketch
}

/// Compares the rows that have come with the training of the version in `folder`.
///
/// # Errors
/// Its sketch is damaged.
pub(crate) fn compare<F: Family>(
    folder: &Path,
    manifest: &Manifest,
    rows: &F::Rows,
    look: &Look,
) -> Result<InputDrift, TrainError> {
    let Some(entry) = manifest.files.get(names::INPUTS) else { return Ok(InputDrift::NoSketch) };
    let path = folder.join(names::INPUTS);
    let sketch = Sketch::decode(&files::read(&path, &entry.sha256)?);
    let sketch = sketch.map_err(|error| TrainError::damaged(path, error))?;
    let comparison = || sketch.compare(look, |show| F::inputs(rows, Stretch::Come, &sketch.familiar, show));
    Ok(sketch.worth(look, F::come(rows)).unwrap_or_else(comparison))
}
