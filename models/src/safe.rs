//! Numbers in safetensors files, and files that are there whole or not at all.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use common::vocabulary::ContentHash;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::error::TrainError;

/// Numbers with a name and sizes.
pub(crate) struct Named<'a> {
    pub(crate) name: String,
    pub(crate) sizes: Vec<usize>,
    pub(crate) numbers: &'a [f32],
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The hash over all numbers, in order.
pub(crate) fn hash(tensors: &[Named<'_>]) -> ContentHash {
    ContentHash::of(&tensors.iter().flat_map(|tensor| bytes(tensor.numbers)).collect::<Vec<u8>>())
}

/// A safetensors file.
pub(crate) fn encode(tensors: &[Named<'_>], metadata: Option<HashMap<String, String>>) -> Result<Vec<u8>, TrainError> {
    let failed = |error: safetensors::SafeTensorError| TrainError::Code(format!("safetensors: {error}"));
    let data: Vec<Vec<u8>> = tensors.iter().map(|tensor| bytes(tensor.numbers)).collect();
    let views: Result<Vec<_>, _> = tensors
        .iter()
        .zip(&data)
        .map(|(tensor, data)| Ok((tensor.name.as_str(), TensorView::new(Dtype::F32, tensor.sizes.clone(), data)?)))
        .collect();
    safetensors::serialize(views.map_err(failed)?, metadata).map_err(failed)
}

/// The numbers of one tensor, which must have these sizes.
pub(crate) fn numbers(file: &SafeTensors<'_>, name: &str, sizes: &[usize]) -> Result<Vec<f32>, String> {
    let tensor = file.tensor(name).map_err(|error| error.to_string())?;
    if tensor.dtype() != Dtype::F32 || tensor.shape() != sizes {
        return Err(format!("{name} is {:?} {:?}, expected F32 {sizes:?}", tensor.dtype(), tensor.shape()));
    }
    Ok(tensor.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

/// Writes a file beside its place, then moves it there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("partial");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
