//! What the coordinator promises of itself holds.

use crate::house::House;
use crate::line::{Broken, Checked};

/// None of its invariants was ever broken.
pub(super) fn kept(house: &House) -> Checked {
    let all = house.get("invariants")?;
    match all.as_array().into_iter().flatten().find(|one| one["violations"] != 0) {
        None => Ok(()),
        Some(violated) => Err(Broken::new("invariants", violated.to_string())),
    }
}
