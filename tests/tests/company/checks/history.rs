//! What is left of a life: models with their ledgers, versions with their manifests, jobs with their ends.

use serde_json::Value;

use crate::fleet::Fleet;
use crate::observe::{Model, Observed};
use crate::promises::{Breaches, Promise};
use crate::world::World;

/// What the coordinators find broken themselves.
pub(super) fn invariants(world: &mut World) {
    let found = world.client.get("invariants");
    for invariant in found.as_array().into_iter().flatten() {
        world.breaches.insist(Promise::Coordinator, invariant["violations"] == 0, || {
            format!("{}: {}", invariant["name"], invariant["examples"])
        });
    }
}

/// Every model has a verdict, and a ledger that says what is live.
pub(super) fn of_models(breaches: &mut Breaches, observed: &Observed) {
    for (key, Model { shown, versions, ledger }) in &observed.models {
        let judged = versions.iter().any(|version| version["verdict"]["verdict"].is_string());
        breaches.insist(Promise::Judged, judged, || format!("{key} has no version with a verdict"));
        let (newest, live) = (ledger.last().map(|entry| &entry["version"]), &shown["live"]["version"]);
        breaches.insist(Promise::Ledger, newest == Some(live), || {
            format!("{key}: {live} is live, the ledger's newest is {newest:?}")
        });
        let counted = ledger.iter().zip(1_u64..).all(|(entry, seq)| entry["live_seq"] == seq);
        let all = shown["live_seq"] == ledger.len();
        breaches.insist(Promise::Ledger, counted && all, || {
            format!("{key}: live_seq is {}, and these are the entries: {ledger:?}", shown["live_seq"])
        });
    }
}

/// Nothing of another model is in a version, and what judged it came after what it was fitted on.
pub(super) fn of_versions(breaches: &mut Breaches, fleets: &[Box<dyn Fleet>], observed: &Observed) {
    for fleet in fleets {
        for (key, _) in fleet.models() {
            for version in observed.versions().filter(|(model, _)| *model == key).map(|(_, version)| version) {
                apart(breaches, fleet.as_ref(), &key, version);
                if fleet.is_dated() {
                    unseen(breaches, &key, version);
                }
            }
        }
    }
}

/// Jobs end, and none fails: nothing is planted that should.
pub(super) fn of_jobs(breaches: &mut Breaches, observed: &Observed) {
    for job in observed.jobs.iter().filter(|job| job["state"] != "completed") {
        breaches.note(
            Promise::OwnFailures,
            format!("{} of {} is {}: {}", job["kind"], job["model"], job["state"], job["why"]),
        );
    }
}

fn apart(breaches: &mut Breaches, fleet: &dyn Fleet, key: &str, version: &Value) {
    let (manifest, number) = (&version["manifest"], &version["version"]);
    breaches.insist(Promise::Apart, manifest["model"] == key, || {
        format!("{key} {number}: its manifest is of {}", manifest["model"])
    });
    let snapshot = &manifest["snapshot"];
    breaches.insist(Promise::Apart, fleet.is_own(key, snapshot), || format!("{key} {number} was given {snapshot}"));
    let contestants = manifest["evaluation"]["contestants"].as_array().into_iter().flatten();
    for contestant in contestants.map(|figures| figures["contestant"].as_str().unwrap_or_default()) {
        let own = ["challenger", "champion"].contains(&contestant) || fleet.rivals().contains(&contestant);
        breaches.insist(Promise::Apart, own, || format!("{key} {number} was judged beside {contestant:?}"));
    }
}

fn unseen(breaches: &mut Breaches, key: &str, version: &Value) {
    let (seen, first) = (&version["seen_through"], &version["manifest"]["evaluation"]["first"]);
    breaches.insist(Promise::Unseen, seen.as_str() < first.as_str(), || {
        format!("{key} {}: fitted up to {seen}, judged from {first} on", version["version"])
    });
}
