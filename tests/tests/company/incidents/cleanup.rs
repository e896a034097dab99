//! The store is tidied up: nothing that is live, or could be live again, loses its weights.

use serde_json::{Value, json};

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Cleanup;

impl Incident for Cleanup {
    fn name(&self) -> &'static str {
        "the store is tidied up"
    }

    fn when(&self) -> f64 {
        0.75
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, _: Day) {
        let report = world.client.post("cleanups", &json!({}));
        let thinned: Vec<&str> = report["thinned"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for model in world.client.list("models") {
            let key = model["key"].as_str().unwrap_or_default();
            let ledger = world.client.get(&format!("models/{key}/ledger?limit=1"))["items"].clone();
            for version in [&ledger[0]["version"], &ledger[0]["previous"]].into_iter().filter_map(Value::as_str) {
                let gone = thinned.iter().any(|what| what.contains(key) && what.ends_with(version));
                world
                    .breaches
                    .insist(Promise::Asked, !gone, || format!("{key} {version} has lost its weights: {report}"));
            }
        }
    }
}
