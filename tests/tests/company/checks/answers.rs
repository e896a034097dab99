//! What is served is what was judged: live versions say of the golden inputs of their artifacts what stands there.

use common::connect;
use serde_json::{Value, json};

use crate::client::ApiResponse;
use crate::fleet::Fleet;
use crate::promises::Promise;
use crate::world::World;

/// Asks every live version that can be asked its golden inputs through the API.
pub(super) fn golden(world: &mut World, fleets: &[Box<dyn Fleet>]) {
    for fleet in fleets {
        let Some(asked) = fleet.golden() else { continue };
        for (key, _) in fleet.models() {
            let live = world.model(&key)["live"].clone();
            let (rows, expected): (Vec<Value>, Vec<Value>) =
                artifact(world, &live["manifest"]).iter().map(asked).unzip();
            let answer = world.client.try_post(&format!("models/{key}/predict"), &json!({ "rows": rows }));
            let same = answer.as_ref().is_some_and(|answer| {
                answer.body["version"] == live["version"] && values(answer) == expected && !expected.is_empty()
            });
            world.breaches.insist(Promise::Golden, same, || {
                format!("{key} {}: {expected:?} stand in its artifact, and the answer is {answer:?}", live["version"])
            });
        }
    }
}

fn values(answer: &ApiResponse) -> Vec<Value> {
    answer.body["predictions"].as_array().into_iter().flatten().map(|one| one["value"].clone()).collect()
}

/// The golden cases of the artifact of this manifest.
fn artifact(world: &World, manifest: &Value) -> Vec<Value> {
    let text = |name: &str| manifest[name].as_str().unwrap_or_default();
    let folder = format!("jobs/{}/{}", text("job"), text("attempt"));
    let golden: Value = world.installations[0].runtime().block_on(async {
        let store = connect::store(&world.store()).await.expect("the store answers");
        let below = folder.parse().expect("a folder of the store");
        let entries = store.list(Some(&below)).await.expect("the store lists");
        let found = entries.iter().find(|entry| entry.key.as_str().ends_with("/golden.json"));
        let Some(entry) = found else { return Value::Null };
        serde_json::from_slice(&store.get(&entry.key).await.expect("the golden cases")).unwrap_or_default()
    });
    golden.as_array().cloned().unwrap_or_default()
}
