//! The live versions of some families are trained again from their manifests: the same bits.

use serde_json::json;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Reproduce;

const MODELS: [&str; 5] =
    ["forecaster/AAPL", "recommender/movies", "text/toxicity", "tabular/attrition", "tabular/duration"];

impl Incident for Reproduce {
    fn name(&self) -> &'static str {
        "a version of every fleet is reproduced"
    }

    fn when(&self) -> f64 {
        0.8
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, _: Day) {
        let jobs = MODELS.map(|model| {
            let version = world.live(model);
            let job = world.client.post(&format!("models/{model}/versions/{version}/reproduce"), &json!({}));
            (model, version, job["id"].as_str().unwrap_or_default().to_owned())
        });
        for (model, version, job) in jobs {
            let job = world.client.ended(&job);
            world.breaches.insist(Promise::SameBits, job["comparison"]["identical"] == true, || {
                format!("{model} {version} is reproduced: {} {}", job["state"], job["why"])
            });
        }
    }
}
