//! An artifact becomes a network again, once everything about it has been checked.

use std::path::Path;

use common::vocabulary::{ContentHash, FileEntry, Manifest, Snapshot, Symbol, files};
use safetensors::SafeTensors;
use serde::de::DeserializeOwned;

use super::Lens;
use crate::device::Device;
use crate::error::TrainError;
use crate::forecaster::golden::{Golden, GoldenOutput};
use crate::forecaster::network::{Answer, Batch, Network};
use crate::forecaster::sketch::Sketch;
use crate::safe;

/// A version read back whole: its hashes and its golden vector have been checked. Callers keep it, opening is dear.
#[derive(Debug)]
pub struct Loaded {
    pub(crate) manifest: Manifest,
    pub(crate) lens: Lens,
    pub(crate) network: Network,
}

impl Loaded {
    /// Opens the artifact in `folder`, whose `manifest.json` must have this hash.
    ///
    /// # Errors
    /// [`TrainError::Damaged`] names the first file that is not what it should be.
    pub fn open(folder: &Path, manifest: &ContentHash, device: Device) -> Result<Self, TrainError> {
        let bytes = read(folder, files::MANIFEST, manifest)?;
        let manifest: Manifest = parse(folder, files::MANIFEST, &bytes)?;
        if manifest.format != Manifest::FORMAT {
            let reason = format!("format {}, but this build reads {}", manifest.format, Manifest::FORMAT);
            return Err(TrainError::damaged(folder.join(files::MANIFEST), reason));
        }
        for (name, FileEntry { sha256, .. }) in &manifest.files {
            read(folder, name, sha256)?;
        }
        let file = |name: &str| match manifest.files.get(name) {
            Some(entry) => read(folder, name, &entry.sha256),
            None => Err(TrainError::damaged(folder.join(files::MANIFEST), format!("{name} is missing in it"))),
        };
        let lens: Lens = parse(folder, files::PREPROCESSING, &file(files::PREPROCESSING)?)?;
        let golden: Golden = parse(folder, files::GOLDEN, &file(files::GOLDEN)?)?;
        let sketch: Sketch = parse(folder, files::SKETCH, &file(files::SKETCH)?)?;
        let damaged = |name: &str, reason: &dyn std::fmt::Display| TrainError::damaged(folder.join(name), reason);
        sketch.check(&lens.inputs.features).map_err(|error| damaged(files::SKETCH, &error))?;
        let weights = weights(&lens, &file(files::WEIGHTS)?).map_err(|reason| damaged(files::WEIGHTS, &reason))?;
        let mut loaded = Self { network: Network::new(lens.network, device, &weights), manifest, lens };
        loaded.check(&golden).map_err(|reason| damaged(files::GOLDEN, &reason))?;
        Ok(loaded)
    }

    /// What is known about the version.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its symbols, in the order of the embedding.
    pub(crate) fn symbols(&self) -> &[Symbol] {
        let Snapshot::Bars { symbols, .. } = &self.manifest.snapshot;
        symbols
    }

    /// Answers for one window, calibrated, in units of recent volatility.
    pub(crate) fn answer(&mut self, symbol: u32, window: &[f32]) -> Result<Answer, TrainError> {
        let batch = Batch { inputs: window.to_vec(), symbols: vec![i64::from(symbol)], targets: vec![0.0] };
        let (answers, _) = self.network.answer(&batch)?;
        Ok(answers[0])
    }

    fn check(&mut self, golden: &Golden) -> Result<(), String> {
        let need = self.lens.network.window * self.lens.network.features;
        let symbols = self.lens.network.symbols as u32;
        if let Some(case) = golden.cases.iter().find(|case| symbols > 0 && case.symbol > symbols) {
            return Err(format!("it asks for symbol {} of {symbols}", case.symbol));
        }
        let calibration = self.lens.calibration;
        let mut failed = None;
        let checked = golden.check(need, |symbol, window| match self.answer(symbol, window) {
            Ok(answer) => output(&answer, calibration),
            Err(error) => {
                failed = Some(error.to_string());
                GoldenOutput { location: f64::NAN, scale: f64::NAN, degrees: f64::NAN }
            }
        });
        failed.map_or(checked.map_err(|error| error.to_string()), Err)
    }
}

/// An answer as `golden.json` writes it down.
pub(crate) fn output(answer: &Answer, calibration: f64) -> GoldenOutput {
    GoldenOutput {
        location: f64::from(answer.location),
        scale: f64::from(answer.scale) * calibration,
        degrees: f64::from(answer.degrees),
    }
}

/// The weights in the order of the flat buffer.
fn weights(lens: &Lens, bytes: &[u8]) -> Result<Vec<f32>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut weights = Vec::with_capacity(lens.network.weights());
    for parameter in lens.network.parameters() {
        weights.extend(safe::numbers(&file, &parameter.name, &parameter.sizes)?);
    }
    Ok(weights)
}

fn read(folder: &Path, name: &str, hash: &ContentHash) -> Result<Vec<u8>, TrainError> {
    let path = folder.join(name);
    let bytes = std::fs::read(&path).map_err(|error| TrainError::damaged(&path, error))?;
    let found = ContentHash::of(&bytes);
    if found == *hash {
        Ok(bytes)
    } else {
        Err(TrainError::damaged(path, format!("its SHA-256 is {}, expected {}", found.short(), hash.short())))
    }
}

fn parse<T: DeserializeOwned>(folder: &Path, name: &str, bytes: &[u8]) -> Result<T, TrainError> {
    serde_json::from_slice(bytes).map_err(|error| TrainError::damaged(folder.join(name), error))
}
