//! What the coordinator promises of itself holds.

use crate::command_line::{Broken, Checked};
use crate::shared_installation::SharedInstallation;

/// None of its invariants was ever broken.
pub(super) fn kept(installation: &SharedInstallation) -> Checked {
    let all = installation.get("invariants")?;
    match all.as_array().into_iter().flatten().find(|one| one["violations"] != 0) {
        None => Ok(()),
        Some(violated) => Err(Broken::new("invariants", violated.to_string())),
    }
}
