//! A complete training is asked for twice on the same rows: the weights are the same, and the gate sees no difference.

use serde_json::json;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::observe::weights;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Repeat;

const MODELS: [&str; 2] = ["text/toxicity", "forecaster/MSFT"];

impl Incident for Repeat {
    fn name(&self) -> &'static str {
        "complete trainings are repeated on the same rows"
    }

    fn when(&self) -> f64 {
        0.35
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, day: Day) {
        for model in MODELS {
            let versions = [(); 2].map(|()| {
                let job = world.client.ended(&world.train(model, "complete", day.date, &json!({})));
                world.version(model, job["version"].as_str().unwrap_or_default())
            });
            let [first, second] = versions.each_ref().map(weights);
            world.breaches.insist(Promise::SameBits, first.is_string() && first == second, || {
                format!("{model}: {first} of {}, {second} of {}", versions[0]["version"], versions[1]["version"])
            });
        }
    }
}
