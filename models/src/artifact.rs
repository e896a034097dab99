//! A finished training becomes a folder.

use std::collections::BTreeMap;
use std::path::Path;

use common::losses::RowLosses;
use common::seen::Seen;
use common::vocabulary::{ContentHash, FileEntry, Manifest, files as names};

use crate::error::TrainError;
use crate::family::Family;
use crate::{files, inputs};

/// Writes every file of the artifact, the manifest last; its list of files is filled in here.
///
/// # Errors
/// The file system or an exporter refuses.
pub(crate) fn write<F: Family>(
    folder: &Path,
    rows: &F::Rows,
    model: &mut F::Model,
    losses: &RowLosses,
    seen: Option<&Seen>,
    mut manifest: Manifest,
) -> Result<Manifest, TrainError> {
    let own = F::write(rows, model, folder)?;
    write_losses(folder, losses)?;
    let sketch = inputs::sketch::<F>(rows).encode().map_err(|error| TrainError::Code(error.to_string()))?;
    files::write_whole(&folder.join(names::INPUTS), &sketch)?;
    if let Some(seen) = seen {
        let seen = seen.encode().map_err(|error| TrainError::Code(error.to_string()))?;
        files::write_whole(&folder.join(names::SEEN), &seen)?;
    }
    manifest.files =
        entries(folder, own.into_iter().chain([names::LOSSES, names::INPUTS]).chain(seen.map(|_| names::SEEN)))?;
    files::write_whole(&folder.join(names::MANIFEST), &serde_json::to_vec_pretty(&manifest)?)?;
    Ok(manifest)
}

/// Writes the losses behind an evaluation.
pub(crate) fn write_losses(folder: &Path, losses: &RowLosses) -> Result<(), TrainError> {
    let losses = common::losses::encode(losses).map_err(|error| TrainError::Code(error.to_string()))?;
    Ok(files::write_whole(&folder.join(names::LOSSES), &losses)?)
}

/// Size and hash of some files.
fn entries<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) -> Result<BTreeMap<String, FileEntry>, TrainError> {
    names
        .map(|name| {
            let path = folder.join(name);
            let entry = FileEntry { sha256: ContentHash::of_file(&path)?, bytes: path.metadata()?.len() };
            Ok((name.to_owned(), entry))
        })
        .collect()
}
