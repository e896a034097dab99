//! What the report of the day counts is what happened on it.

use serde_json::Value;

use crate::promises::Promise;
use crate::world::World;

/// The trainings of today, counted by a report and one by one.
pub(super) fn true_to_the_jobs(world: &mut World) {
    let report = world.client.get("reports/daily");
    let (from, to) = (&report["from"], &report["to"]);
    let within = |moment: &Value| {
        let read = |value: &Value| value.as_str().and_then(|text| text.parse::<chrono::DateTime<chrono::Utc>>().ok());
        read(moment).zip(read(from)).zip(read(to)).is_some_and(|((at, from), to)| from <= at && at < to)
    };
    let jobs = world.client.list("jobs");
    let trainings = jobs.iter().filter(|job| job["kind"] == "train" && job["reproduces"].is_null());
    let ended: Vec<&Value> = trainings.filter(|job| within(&job["ended_at"])).collect();
    for state in ["completed", "failed", "cancelled"] {
        let counted = ended.iter().filter(|job| job["state"] == state).count() as u64;
        let told = report["health"][state].as_u64().unwrap_or(u64::MAX);
        world.breaches.insist(Promise::Reported, told == counted, || {
            format!("the report of {from} to {to} tells of {told} trainings that {state}, and there were {counted}")
        });
    }
}
