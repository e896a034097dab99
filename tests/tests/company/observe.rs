//! What the coordinators show at the end, all of it, read once: checks look at this and at nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::World;

/// Everything that is shown.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// By key.
    pub(crate) models: BTreeMap<String, Model>,
    /// Every job.
    pub(crate) jobs: Vec<Value>,
}

/// A model with all its history.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// As it is shown.
    pub(crate) shown: Value,
    /// Its versions, the oldest first.
    pub(crate) versions: Vec<Value>,
    /// Its ledger, the oldest entry first.
    pub(crate) ledger: Vec<Value>,
}

impl Observed {
    /// Reads it all.
    pub(crate) fn of(world: &World) -> Self {
        let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let reversed = |mut list: Vec<Value>| {
            list.reverse();
            list
        };
        let model = |shown: Value| {
            let key = text(&shown, "key");
            let (versions, ledger) = (world.client.versions(&key), world.client.list(&format!("models/{key}/ledger")));
            (key, Model { shown, versions: reversed(versions), ledger: reversed(ledger) })
        };
        let models = world.client.models().into_iter().map(model).collect();
        Self { models, jobs: world.client.list("jobs") }
    }

    /// Jobs of this kind in this state.
    pub(crate) fn jobs<'a>(&'a self, kind: &'a str, state: &'a str) -> impl Iterator<Item = &'a Value> {
        self.jobs.iter().filter(move |job| job["kind"] == kind && job["state"] == state)
    }

    /// Every version, with its model's key; reproductions left out.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.models
            .iter()
            .flat_map(|(key, model)| model.versions.iter().map(move |version| (key.as_str(), version)))
            .filter(|(_, version)| version["status"] != "reproduction")
    }

    /// The history of every version, in words: what two lives of one seed have in common.
    pub(crate) fn history(&self) -> Vec<String> {
        let line = |(key, version): (&str, &Value)| {
            let (verdict, loss) = (&version["verdict"]["verdict"], version["loss"].as_f64().unwrap_or(f64::NAN));
            format!(
                "{key} {} {} {} {verdict} loss {:016x} weights {}",
                version["version"],
                version["mode"],
                version["status"],
                loss.to_bits(),
                weights(version)
            )
        };
        self.versions().map(line).collect()
    }
}

/// The hash of a version's weights.
pub(crate) fn weights(version: &Value) -> &Value {
    &version["manifest"]["files"]["weights.safetensors"]["sha256"]
}
