//! What decides the bits of a training: its ingredients, and the platform they are computed on.

use std::collections::BTreeMap;

use common::vocabulary::{ContentHash, Hyper, Mode, ModelKey, SplitPolicy, TrainSpec};
use serde::Serialize;

use crate::device::{self, Device};

/// Names a training by all that its weights depend on.
#[derive(Debug, Clone)]
pub(crate) struct Fingerprint {
    /// Hash of data, hyper-parameters, seed, mode and parent.
    pub(crate) hash: ContentHash,
    /// What computes: versions of Refit and LibTorch, the device, and the instruction set they found.
    pub(crate) platform: BTreeMap<String, String>,
}

/// The part of a spec that weights depend on; who else is scored does not change them.
#[derive(Serialize)]
struct Ingredients<'a> {
    model: &'a ModelKey,
    mode: Mode,
    snapshot: ContentHash,
    hyper: &'a Hyper,
    split: &'a SplitPolicy,
    parent: Option<ContentHash>,
}

impl Fingerprint {
    /// The fingerprint of a spec with the hyper-parameters in effect.
    pub(crate) fn new(spec: &TrainSpec, hyper: &Hyper, device: Device) -> Result<Self, serde_json::Error> {
        let hash = ContentHash::of_json(&Ingredients {
            model: &spec.model,
            mode: spec.mode,
            snapshot: ContentHash::of_json(&spec.snapshot)?,
            hyper,
            split: &spec.split,
            parent: spec.parent.as_ref().map(|parent| parent.manifest),
        })?;
        let entry = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let platform = BTreeMap::from([
            entry("refit", env!("CARGO_PKG_VERSION")),
            entry("libtorch", env!("REFIT_LIBTORCH")),
            entry("device", &device::name(device)),
            entry("cpu", device::cpu_capability()),
        ]);
        Ok(Self { hash, platform })
    }

    /// The hash over ingredients and platform: equal ones give equal bits.
    pub(crate) fn on_platform(&self) -> Result<ContentHash, serde_json::Error> {
        ContentHash::of_json(&(self.hash, &self.platform))
    }
}
