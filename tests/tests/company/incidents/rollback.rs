//! Somebody goes back to the version that was live before; the one taken back is made live again by hand later.

use serde_json::json;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Rollback;

impl Incident for Rollback {
    fn name(&self) -> &'static str {
        "a version is taken back by hand, and made live again"
    }

    fn when(&self) -> f64 {
        0.45
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, _: Day) {
        let models = world.client.list("models");
        let moved = models.iter().find(|model| model["live_seq"].as_u64() > Some(1));
        let Some(model) = moved.and_then(|model| model["key"].as_str()) else {
            return world.breaches.note(Promise::Asked, "no model has had two live versions so far");
        };
        let live = world.live(model);
        let ledger = world.client.list(&format!("models/{model}/ledger"));
        let before = ledger[0]["previous"].clone();
        let entry =
            world.client.post(&format!("models/{model}/rollback"), &json!({ "reason": "a person likes it better" }));
        world.breaches.insist(Promise::Asked, entry["version"] == before && world.live(model) == before, || {
            format!("{model}: {live} is taken back, {before} was live before, and the entry is {entry}")
        });
        let again = world.client.post(&format!("models/{model}/promote"), &json!({ "version": live }));
        world.breaches.insist(Promise::Asked, again["previous"] == before && world.live(model) == live, || {
            format!("{model}: {live} is promoted again: {again}")
        });
    }
}
