//! What must hold, looked at from outside: once a week what may break while it goes on, at the end all that is left of a life.

use std::collections::BTreeSet;

use common::connect;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::fleet::Target;
use crate::observe::{Model, Observed};
use crate::promises::{Breaches, Promise};
use crate::world::World;

/// After the trainings of a week.
pub(crate) fn of_a_week(world: &mut World) {
    golden(world);
    rows(world);
}

/// At the end.
pub(crate) fn at_the_end(world: &mut World, observed: &Observed) {
    invariants(world);
    let breaches = &mut world.breaches;
    for (key, model) in &observed.models {
        judged(key, model, breaches);
        ledger(key, model, breaches);
    }
    for (key, version) in observed.versions() {
        apart(key, version, breaches);
        unseen(key, version, breaches);
    }
    for job in observed.jobs.iter().filter(|job| job["state"] == "failed") {
        breaches.note(Promise::OwnFailures, format!("{} of {}: {}", job["kind"], job["model"], job["why"]));
    }
    for job in observed.jobs.iter().filter(|job| !matches!(job["state"].as_str(), Some("completed" | "failed"))) {
        breaches.note(
            Promise::OwnFailures,
            format!("{} of {} is {}: {}", job["kind"], job["model"], job["state"], job["why"]),
        );
    }
}

/// Rows that are shown are those that were sent.
fn rows(world: &mut World) {
    for (target, rows) in world.books().clone() {
        let (path, shown) = match &target {
            Target::Bars(symbol) => (format!("forecaster/{symbol}"), world.model(&format!("forecaster/{symbol}"))),
            Target::Dataset(name) => (name.clone(), world.client.get(&format!("datasets/{name}"))),
        };
        world.breaches.insist(Promise::Counted, shown["rows"] == rows, || {
            format!("{path} shows {} rows, and {rows} were sent", shown["rows"])
        });
    }
    let models = world.client.get("models");
    for model in models.as_array().into_iter().flatten() {
        let Some(dataset) = model["source"]["dataset"].as_str() else { continue };
        let sent = world.books().get(&Target::Dataset(dataset.into())).copied();
        world.breaches.insist(Promise::Counted, model["rows"].as_u64() == sent, || {
            format!("{} shows {} rows of {dataset}, and {sent:?} were sent", model["key"], model["rows"])
        });
    }
}

/// What live versions say of their golden inputs. A forecaster's are not rows that could be asked about, a recommender folds in what
/// users have rated since: whoever loads these checks them.
fn golden(world: &mut World) {
    let models = world.client.get("models");
    for model in models.as_array().into_iter().flatten() {
        let key = model["key"].as_str().unwrap_or_default();
        let names = match model["family"].as_str() {
            Some("text") => ("text", "probability"),
            Some("tabular") => ("record", "value"),
            _ => continue,
        };
        let version = &model["live"]["version"];
        let found = cases(world, &model["live"]["manifest"], names);
        let rows: Vec<&Value> = found.iter().map(|(row, _)| row).collect();
        let answer = world.client.try_post(&format!("models/{key}/predict"), &json!({ "rows": rows }));
        let said = |answer: &Answer| -> Vec<Value> {
            answer.body["predictions"].as_array().into_iter().flatten().map(|one| one["value"].clone()).collect()
        };
        let wanted: Vec<Value> = found.iter().map(|(_, value)| value.clone()).collect();
        let same = answer.as_ref().is_some_and(|answer| answer.body["version"] == *version && said(answer) == wanted);
        world.breaches.insist(Promise::Golden, !wanted.is_empty() && same, || {
            format!("{key} {version}: {wanted:?} are in its artifact, and the answer is {answer:?}")
        });
    }
}

/// The golden rows of an artifact and what it says of them.
fn cases(world: &World, manifest: &Value, (row, value): (&str, &str)) -> Vec<(Value, Value)> {
    let house = &world.houses[0];
    let named = house.settings().iter().find(|(name, _)| name == "REFIT_STORAGE__STORE").map(|(_, url)| url.clone());
    let url = named.unwrap_or_else(|| format!("file://{}", house.data().join("store").display()));
    let text = |name: &str| manifest[name].as_str().unwrap_or_default();
    let folder = format!("jobs/{}/{}", text("job"), text("attempt"));
    let golden: Value = house.runtime().block_on(async {
        let store = connect::store(&url).await.expect("the store answers");
        let below = folder.parse().expect("a folder of the store");
        let entries = store.list(Some(&below)).await.expect("the store lists");
        let Some(entry) = entries.iter().find(|entry| entry.key.as_str().ends_with("/golden.json")) else {
            return Value::Null;
        };
        serde_json::from_slice(&store.get(&entry.key).await.expect("the golden cases")).unwrap_or_default()
    });
    let asked = |case: &Value| match row {
        "text" => (json!({ "text": case["text"] }), case[value].clone()),
        _ => (case[row].clone(), case[value].clone()),
    };
    golden.as_array().into_iter().flatten().map(asked).collect()
}

/// What the coordinators find.
fn invariants(world: &mut World) {
    let found = world.client.get("invariants");
    for invariant in found.as_array().into_iter().flatten() {
        world.breaches.insist(Promise::Coordinator, invariant["violations"] == 0, || {
            format!("{}: {}", invariant["name"], invariant["examples"])
        });
    }
}

fn judged(key: &str, model: &Model, breaches: &mut Breaches) {
    let judged = model.versions.iter().any(|version| version["verdict"]["verdict"].is_string());
    breaches.insist(Promise::Judged, judged, || format!("{key} has no version with a verdict"));
}

fn ledger(key: &str, model: &Model, breaches: &mut Breaches) {
    let (newest, live) = (model.ledger.last().map(|entry| &entry["version"]), &model.shown["live"]["version"]);
    breaches.insist(Promise::Ledger, newest == Some(live), || {
        format!("{key}: {live} is live, the ledger's newest is {newest:?}")
    });
    let counted = model.ledger.iter().zip(1_u64..).all(|(entry, seq)| entry["live_seq"] == seq);
    let all = model.shown["live_seq"] == model.ledger.len();
    breaches.insist(Promise::Ledger, counted && all, || {
        format!("{key}: live_seq {}: {:?}", model.shown["live_seq"], model.ledger)
    });
}

/// Nothing of another family or model.
fn apart(key: &str, version: &Value, breaches: &mut Breaches) {
    let (family, name) = key.split_once('/').unwrap_or((key, ""));
    let manifest = &version["manifest"];
    let number = &version["version"];
    breaches.insist(Promise::Apart, manifest["model"] == key, || {
        format!("{key} {number}: its manifest is of {}", manifest["model"])
    });
    let symbols = manifest["snapshot"]["symbols"].as_array().cloned().unwrap_or_default();
    let own = family != "forecaster" || name == "universal" || symbols.iter().all(|symbol| symbol == name);
    breaches.insist(Promise::Apart, own, || format!("{key} {number} was given rows of {symbols:?}"));
    let baselines: &[&str] = match family {
        "forecaster" => &["no_change", "drift", "no change"],
        "recommender" => &["biases"],
        "text" => &["prevalence"],
        _ => &["prevalence", "estimate", "median"],
    };
    let known = version["baseline"].as_str().is_some_and(|baseline| baselines.contains(&baseline));
    breaches.insist(Promise::Apart, known, || format!("{key} {number} is judged beside {}", version["baseline"]));
    let contestants = manifest["evaluation"]["contestants"].as_array().cloned().unwrap_or_default();
    let names: BTreeSet<&str> = contestants.iter().filter_map(|contestant| contestant["contestant"].as_str()).collect();
    let alien = names.contains("universal") && family != "forecaster";
    breaches.insist(Promise::Apart, !alien, || format!("{key} {number} was judged against the universal forecaster"));
}

/// What judges comes after what was fitted on, where rows are dated.
fn unseen(key: &str, version: &Value, breaches: &mut Breaches) {
    if !key.starts_with("forecaster/") && !key.starts_with("recommender/") {
        return;
    }
    let (seen, first) = (&version["seen_through"], &version["manifest"]["evaluation"]["first"]);
    breaches.insist(Promise::Unseen, seen.as_str() < first.as_str(), || {
        format!("{key} {}: fitted up to {seen}, judged from {first} on", version["version"])
    });
}
