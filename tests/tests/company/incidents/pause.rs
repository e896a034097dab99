//! A model is paused: what is due is not trained, and says so; resumed, it is.

use serde_json::json;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Pause;

const MODEL: &str = "tabular/attrition";

impl Incident for Pause {
    fn name(&self) -> &'static str {
        "a model is paused and resumed"
    }

    fn when(&self) -> f64 {
        0.2
    }

    fn moment(&self) -> Moment {
        Moment::BeforeTrainings
    }

    fn happen(&self, world: &mut World, day: Day) {
        world.client.post(&format!("models/{MODEL}/pause"), &json!({ "reason": "the feed is being looked at" }));
        let body = json!({ "models": [MODEL], "as_of": day.date, "enqueue": true });
        let decision = world.client.post("evaluations", &body)["items"][0].clone();
        let held = decision["holds"].as_array().is_some_and(|holds| holds.iter().any(|hold| hold["code"] == "paused"));
        world
            .breaches
            .insist(Promise::Asked, held && decision["job"].is_null(), || format!("{MODEL} is paused: {decision}"));
        let forced = json!({ "model": MODEL, "force": true, "as_of": day.date });
        let refused = world.client.try_post("trainings", &forced);
        let advises = refused
            .as_ref()
            .is_some_and(|answer| answer.status == 409 && answer.body.to_string().contains("refit resume"));
        world.breaches.insist(Promise::Asked, advises, || format!("{MODEL} is paused, and forced: {refused:?}"));
        let resumed = world.client.post(&format!("models/{MODEL}/resume"), &json!({}));
        world.breaches.insist(Promise::Asked, resumed["paused"].is_null(), || format!("{MODEL} is resumed: {resumed}"));
    }
}
