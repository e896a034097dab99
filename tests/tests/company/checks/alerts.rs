//! Somebody of the company's who is told of alerts by a webhook, from the first day on.

use std::collections::{BTreeMap, BTreeSet};

use refit_tests::receiver::Receiver;
use serde_json::{Value, json};

use crate::client::until;
use crate::promises::Promise;
use crate::world::World;

const NAME: &str = "somebody";

/// Whoever is told.
pub(crate) struct Alerts {
    receiver: Receiver,
}

impl Alerts {
    /// Is told from now on.
    pub(crate) fn begin(world: &World) -> Self {
        let receiver = Receiver::start();
        let body = json!({ "kind": "webhook", "url": receiver.url(), "trainings": true });
        world.client.put(&format!("channels/{NAME}"), &body);
        Self { receiver }
    }

    /// What stands open was told; nothing was told twice, but under the same id.
    pub(crate) fn were_told(self, world: &mut World) {
        let all = until("all that was to be told has been told", || {
            let channel = world.client.get(&format!("channels/{NAME}"));
            let told = self.told("refit.raised");
            let all = world.client.list("alerts?all=true");
            let open = all.iter().filter(|alert| alert["ended_at"].is_null());
            let told = open.filter_map(|alert| alert["id"].as_i64()).all(|id| told.contains_key(&id));
            (channel["waiting"] == 0 && told).then_some(all)
        });
        for (state, kind) in [("raised", "refit.raised"), ("resolved", "refit.resolved")] {
            for (alert, ids) in self.told(kind) {
                world.breaches.insist(Promise::Told, ids.len() == 1, || {
                    format!("alert {alert} was told to be {state} in {} messages: {ids:?}", ids.len())
                });
            }
        }
        let raised = self.told("refit.raised");
        let known: BTreeSet<i64> = all.iter().filter_map(|alert| alert["id"].as_i64()).collect();
        world.breaches.insist(Promise::Told, raised.keys().all(|id| known.contains(id)), || {
            format!("told of {:?}, and there have been {known:?}", raised.keys())
        });
        let trained = self.receiver.told().iter().filter(|told| told.body["type"] == "refit.trained").count();
        world.breaches.insist(Promise::Told, trained > 0, || "nobody was told of any training".to_owned());
    }

    /// The ids of the messages of a type that each alert was in.
    fn told(&self, kind: &str) -> BTreeMap<i64, BTreeSet<String>> {
        let mut found: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for told in self.receiver.told().iter().filter(|told| told.body["type"] == kind) {
            let items = told.body["data"]["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            for id in items.iter().filter_map(|item: &Value| item["alert"].as_i64()) {
                found.entry(id).or_default().insert(told.id.clone());
            }
        }
        found
    }
}
