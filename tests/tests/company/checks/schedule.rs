//! A schedule of the company's: every minute the texts are backed up, whatever else is going on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::until;
use crate::promises::Promise;
use crate::world::World;

const NAME: &str = "texts-every-minute";
/// Microseconds.
const MINUTE: i64 = 60_000_000;

/// A schedule that has been made, and when.
pub(crate) struct Schedule {
    since: i64,
}

impl Schedule {
    /// Makes it.
    pub(crate) fn begin(world: &World) -> Self {
        let task = json!({ "kind": "backup", "of": { "family": "text" } });
        let timing = json!({ "kind": "every", "minutes": 1 });
        let made = world.client.put(&format!("schedules/{NAME}"), &json!({ "timing": timing, "task": task }));
        Self { since: instant(&made["changed_at"]) }
    }

    /// Each minute since then had one run, which was done, or was missed and says so.
    pub(crate) fn had_its_runs(self, world: &mut World) {
        let paused = world.client.post(&format!("schedules/{NAME}/pause"), &json!({}));
        let until_then = instant(&paused["paused"]["since"]);
        let runs = until("the runs of the schedule have ended", || {
            let runs = world.client.list(&format!("schedules/{NAME}/runs"));
            runs.iter().all(|run| !run["ended_at"].is_null()).then_some(runs)
        });
        let due: BTreeSet<i64> = runs.iter().map(|run| instant(&run["due"])).collect();
        let minutes = (self.since / MINUTE + 1..=until_then / MINUTE).map(|minute| minute * MINUTE);
        // The last may have come due in the moment of the pause.
        let expected: BTreeSet<i64> = minutes.filter(|at| until_then - at > 30_000_000 || due.contains(at)).collect();
        let each_once = due == expected && due.len() == runs.len();
        world.breaches.insist(Promise::Punctual, each_once, || {
            format!(
                "{NAME}: due {expected:?}, and ran {runs:?}",
                runs = runs.iter().map(|run| &run["due"]).collect::<Vec<_>>()
            )
        });
        for run in &runs {
            let done = ["completed", "skipped"].contains(&run["state"].as_str().unwrap_or_default());
            world.breaches.insist(Promise::Punctual, done, || format!("{NAME}: {run}"));
        }
    }
}

/// Microseconds of a moment of the API.
fn instant(moment: &Value) -> i64 {
    let text = moment.as_str().unwrap_or_else(|| panic!("no moment: {moment}"));
    let parsed: chrono::DateTime<chrono::Utc> = text.parse().unwrap_or_else(|_| panic!("no moment: {text}"));
    parsed.timestamp_micros()
}
