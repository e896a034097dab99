//! What decides the bits of a training: the recipe, and the platform it is computed on.

use std::collections::BTreeMap;

use common::vocabulary::{ContentHash, ForecasterHyper, Mode, ModelKey, SplitPolicy, Symbol, TrainSpec};
use serde::Serialize;

use crate::device::{self, Device};

/// The part of a spec that weights depend on; who else is scored does not change them.
#[derive(Debug, Serialize)]
struct Recipe<'a> {
    model: &'a ModelKey,
    symbols: &'a [Symbol],
    mode: Mode,
    snapshot: ContentHash,
    hyper: &'a ForecasterHyper,
    split: &'a SplitPolicy,
    parent: Option<ContentHash>,
}

/// Names a recipe. `hyper` are the hyper-parameters in effect.
pub(crate) fn recipe_hash(spec: &TrainSpec, hyper: &ForecasterHyper) -> Result<ContentHash, serde_json::Error> {
    ContentHash::of_json(&Recipe {
        model: &spec.model,
        symbols: &spec.symbols,
        mode: spec.mode,
        snapshot: spec.snapshot.hash(),
        hyper,
        split: &spec.split,
        parent: spec.parent.as_ref().map(|parent| parent.manifest),
    })
}

/// What computes: versions of Refit and LibTorch, the device, and the instruction set they found.
pub(crate) fn platform(device: Device) -> BTreeMap<String, String> {
    let entry = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    BTreeMap::from([
        entry("refit", env!("CARGO_PKG_VERSION")),
        entry("libtorch", env!("REFIT_LIBTORCH")),
        entry("device", &device::name(device)),
        entry("cpu", device::cpu_capability()),
    ])
}
