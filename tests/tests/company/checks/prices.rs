//! How far expectations of what trainings cost were off: no promise, a figure.

use crate::world::World;

/// Prints the median of each family, of real trainings that were expected by those before them.
pub(super) fn print(world: &World) {
    let mut families = std::collections::BTreeMap::new();
    for model in world.client.list("models") {
        let (family, key) = (model["family"].as_str().unwrap_or_default(), model["key"].as_str().unwrap_or_default());
        let explained = world.client.get(&format!("models/{key}/explanation"));
        if let Some(error) = explained["decision"]["price"]["error"].as_f64() {
            families.insert(family.to_owned(), (error, explained["decision"]["price"]["trainings"].as_u64()));
        }
    }
    for (family, (error, trainings)) in families {
        println!(
            "company: prices of {family} are off by {:.0} % (median of {} trainings)",
            100.0 * error,
            trainings.unwrap_or(0)
        );
    }
}
