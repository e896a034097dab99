//! Rows that are shown are those that were sent.

use crate::fleet::Target;
use crate::promises::Promise;
use crate::world::World;

/// Compares what symbols, data sets and models show with the books.
pub(super) fn counted(world: &mut World) {
    for (target, sent) in world.books().clone() {
        let path = match &target {
            Target::Bars(symbol) => format!("models/forecaster/{symbol}"),
            Target::Dataset(name) => format!("datasets/{name}"),
        };
        let shown = world.client.get(&path)["rows"].clone();
        world
            .breaches
            .insist(Promise::Counted, shown == sent, || format!("{path}: {shown} rows, and {sent} were sent"));
    }
    for model in world.client.models() {
        let Some(dataset) = model["source"]["dataset"].as_str() else { continue };
        let sent = world.books().get(&Target::Dataset(dataset.into())).copied();
        world.breaches.insist(Promise::Counted, model["rows"].as_u64() == sent, || {
            format!("{}: {} rows of {dataset}, and {sent:?} were sent", model["key"], model["rows"])
        });
    }
}
