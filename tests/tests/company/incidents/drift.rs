//! For a week everybody likes what they disliked before: the recommender does worse than its baseline, and that is noticed.

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::fleet::TASTES_TURN;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Drift;

const MODEL: &str = "recommender/movies";

impl Incident for Drift {
    fn name(&self) -> &'static str {
        "tastes have turned round"
    }

    fn when(&self) -> f64 {
        TASTES_TURN
    }

    fn moment(&self) -> Moment {
        Moment::Scored
    }

    fn happen(&self, world: &mut World, day: Day) {
        let watch = world.model(MODEL)["watch"].clone();
        let newest = world.client.get(&format!("models/{MODEL}/ledger?limit=1"))["items"][0].clone();
        // What does worse than the version before it is taken back at once, and nobody watches it any more.
        let noticed =
            matches!(watch["condition"].as_str(), Some("degraded" | "alarming")) || newest["kind"] == "taken_back";
        world.breaches.insist(Promise::Noticed, noticed, || {
            format!("{MODEL}, in the week up to {}: {watch}, after {newest}", day.date)
        });
    }
}
