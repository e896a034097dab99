//! Better hyper-parameters are searched for, for a model of each family at once (E10). What is found goes live by the gate or not at all.

use serde_json::json;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::client::until;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Tune;

/// Models, and what is searched.
const SEARCHED: [(&str, &str, &str); 4] = [
    ("forecaster/AAPL", "learning_rate", "0.0003..0.01"),
    ("recommender/movies", "reg", "0.02..0.3"),
    ("text/toxicity", "cost", "0.5..8"),
    ("tabular/attrition", "shrinkage", "0.05..0.3"),
];

impl Incident for Tune {
    fn name(&self) -> &'static str {
        "hyper-parameters are searched for"
    }

    fn when(&self) -> f64 {
        0.5
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, day: Day) {
        let begun = SEARCHED.map(|(model, name, values)| {
            let body = json!({ "model": model, "trials": 3, "space": { name: values }, "as_of": day.date });
            (model, name, world.live(model), world.client.post("searches", &body)["id"].as_i64().unwrap_or_default())
        });
        for (model, name, before, id) in begun {
            let search = until(&format!("search {id} of {model}"), || {
                let search = world.client.get(&format!("searches/{id}"));
                let waits = search["outcome"]["code"] == "waits";
                (waits || search["state"] != "running" && search["state"] != "challenging").then_some(search)
            });
            let trials = search["trials"].as_array().map(Vec::as_slice).unwrap_or_default();
            let measured = trials.iter().filter(|trial| trial["loss"].is_f64()).count();
            world.breaches.insist(Promise::Asked, search["state"] != "failed" && measured == 5, || {
                format!("{measured} trials of 5 were measured: {search}")
            });
            let (live, adopted) = (world.live(model), search["outcome"]["code"] == "adopted");
            let (version, found) = (search["outcome"]["version"].as_str(), &search["best"]["hyper"][name]);
            world.breaches.insist(Promise::Asked, adopted == (live != before), || {
                format!("{model}: {before} was live, {live} is: {}", search["outcome"])
            });
            if adopted {
                let has = &world.client.get(&format!("models/{model}"))["hyper"][name];
                let same = has.to_string().trim_matches('"') == found.as_str().unwrap_or_default();
                world.breaches.insist(Promise::Asked, version == Some(live.as_str()) && same, || {
                    format!("{model} {live} has {name} = {found}, and its model {has}")
                });
            }
        }
    }
}
