//! What the families' roads have in common.

use std::path::PathBuf;

use refit_tests::Installation;
use serde_json::Value;

/// Writes a file into the installation's folder.
pub(crate) fn file(refit: &Installation, name: &str, content: &str) -> PathBuf {
    let path = refit.folder().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// Brings a file into a data set.
pub(crate) fn import(refit: &Installation, dataset: &str, name: &str, content: &str, more: &[&str]) -> Value {
    let path = file(refit, name, content);
    let mut words = vec!["data", "import", dataset, path.to_str().unwrap()];
    words.extend(more);
    refit.json(&words)[0].clone()
}

/// Trains a model and insists that a version came of it.
pub(crate) fn trained(refit: &Installation, model: &str, more: &[&str]) -> Value {
    let job = refit.ended(&refit.train(model, more));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    job
}

/// A version of a model, as it is shown.
pub(crate) fn version(refit: &Installation, model: &str, number: &str) -> Value {
    let found = refit.get(&format!("models/{model}/versions/{number}"));
    found.unwrap_or_else(|| panic!("{model} has no {number}"))
}
