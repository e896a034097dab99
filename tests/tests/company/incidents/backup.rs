//! The live version of a model is copied to the place of backups, another is made live, and the copy is restored.

use serde_json::json;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Backup;

const MODEL: &str = "text/toxicity";

impl Incident for Backup {
    fn name(&self) -> &'static str {
        "a version is backed up and restored"
    }

    fn when(&self) -> f64 {
        0.6
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, _: Day) {
        let (live, seq) = (world.live(MODEL), world.model(MODEL)["live_seq"].as_u64().unwrap_or_default());
        let backup = world.client.post(&format!("models/{MODEL}/backups"), &json!({ "note": "before the audit" }));
        let id = backup["id"].as_str().unwrap_or_else(|| panic!("no backup: {backup}"));
        let restored = world.client.post(&format!("models/{MODEL}/backups/{id}/restore"), &json!({}));
        let (entry, now) = (&restored["entry"], world.live(MODEL));
        world.breaches.insist(Promise::Asked, now == live && entry["version"] == live.as_str(), || {
            format!("{MODEL}: {live} was backed up and restored, {now} is live: {restored}")
        });
        world
            .breaches
            .insist(Promise::Ledger, entry["live_seq"] == seq + 1, || format!("{MODEL}: after {seq}: {restored}"));
    }
}
