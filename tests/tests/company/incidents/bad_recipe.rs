//! Somebody tries a recipe that learns next to nothing: the gate keeps it out, and what was live stays.

use serde_json::json;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct BadRecipe;

const MODEL: &str = "recommender/movies";

impl Incident for BadRecipe {
    fn name(&self) -> &'static str {
        "a recipe that learns nothing is tried"
    }

    fn when(&self) -> f64 {
        0.5
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, day: Day) {
        let live = world.live(MODEL);
        let hyper = json!({ "n_epochs": "1", "lr": "0.00002", "members": "1", "patience": "0" });
        let job = world.client.ended(&world.train(MODEL, "complete", day.date, &hyper));
        let version = world.version(MODEL, job["version"].as_str().unwrap_or_default());
        world.breaches.insist(Promise::Asked, version["status"] == "rejected" && world.live(MODEL) == live, || {
            format!(
                "{MODEL}: {live} was live, and what has learnt nothing is {}: {}",
                version["status"], version["verdict"]
            )
        });
    }
}
