//! A finished training becomes a folder.

use std::collections::BTreeMap;
use std::path::Path;

use common::losses::RowLosses;
use common::vocabulary::{ContentHash, FileEntry, Manifest, files};

use super::{Lens, script};
use crate::error::TrainError;
use crate::forecaster::golden::Golden;
use crate::forecaster::network::Parameter;
use crate::forecaster::sketch::Sketch;
use crate::safe;

/// What an artifact holds besides its manifest.
pub(crate) struct Draft<'a> {
    pub(crate) weights: &'a [f32],
    pub(crate) lens: &'a Lens,
    pub(crate) golden: &'a Golden,
    pub(crate) sketch: &'a Sketch,
    pub(crate) losses: &'a RowLosses,
}

/// Writes every file of the artifact, the manifest last; its list of files is filled in here.
///
/// # Errors
/// The file system or LibTorch's exporter refuses.
pub(crate) fn write(folder: &Path, draft: &Draft<'_>, mut manifest: Manifest) -> Result<Manifest, TrainError> {
    let Draft { weights, lens, golden, sketch, losses } = draft;
    let parameters = lens.network.parameters();
    let named = |Parameter { name, sizes, offset }: &Parameter| safe::Named {
        name: name.clone(),
        sizes: sizes.clone(),
        numbers: &weights[*offset..offset + sizes.iter().product::<usize>()],
    };
    let tensors: Vec<safe::Named<'_>> = parameters.iter().map(named).collect();
    let losses = common::losses::encode(losses).map_err(|error| TrainError::Code(error.to_string()))?;
    safe::write_whole(&folder.join(files::WEIGHTS), &safe::encode(&tensors, None)?)?;
    safe::write_whole(&folder.join(files::PREPROCESSING), &serde_json::to_vec_pretty(lens)?)?;
    safe::write_whole(&folder.join(files::GOLDEN), &serde_json::to_vec(golden)?)?;
    safe::write_whole(&folder.join(files::SKETCH), &serde_json::to_vec_pretty(sketch)?)?;
    safe::write_whole(&folder.join(files::LOSSES), &losses)?;
    script::write(&folder.join(files::SCRIPT), lens, weights)?;
    manifest.files = entries(folder)?;
    safe::write_whole(&folder.join(files::MANIFEST), &serde_json::to_vec_pretty(&manifest)?)?;
    Ok(manifest)
}

/// Size and hash of every file of an artifact but its manifest.
fn entries(folder: &Path) -> Result<BTreeMap<String, FileEntry>, TrainError> {
    [files::WEIGHTS, files::PREPROCESSING, files::GOLDEN, files::SKETCH, files::LOSSES, files::SCRIPT]
        .into_iter()
        .map(|name| {
            let path = folder.join(name);
            let entry = FileEntry { sha256: ContentHash::of_file(&path)?, bytes: path.metadata()?.len() };
            Ok((name.to_owned(), entry))
        })
        .collect()
}
