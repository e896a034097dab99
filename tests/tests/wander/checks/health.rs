//! Health is true, and what the coordinator promises of itself holds.

use crate::house::House;
use crate::line::{Broken, Checked};

/// It is healthy, and says so.
pub(super) fn well(house: &House) -> Checked {
    let health = house.get("health")?;
    match health["healthy"] == true && health["leads"] == true {
        true => Ok(()),
        false => Err(Broken::new("health", health.to_string())),
    }
}

/// None of its invariants was ever broken.
pub(super) fn invariants(house: &House) -> Checked {
    let all = house.get("invariants")?;
    match all.as_array().into_iter().flatten().find(|one| one["violations"] != 0) {
        None => Ok(()),
        Some(violated) => Err(Broken::new("invariants", violated.to_string())),
    }
}
