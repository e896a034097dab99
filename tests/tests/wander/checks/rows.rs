//! Rows that are shown are rows, and those that are scored were not given to whoever is scored.

use serde_json::Value;

use crate::command_line::{Broken, Checked};
use crate::reference::{Model, Reference};

/// A model has the rows that stand, not the entries of a log.
pub(super) fn counted(reference: &Reference, model: &Model, view: &Value) -> Checked {
    let (shown, standing) = (view["rows"].as_u64(), reference.rows.len() as u64);
    match shown == Some(standing) {
        true => Ok(()),
        false => Err(Broken::new("rows", format!("{} shows {shown:?} rows, {standing} stand", model.key))),
    }
}

/// A version is watched on rows that have come since, and that neither it nor an ancestor was given.
pub(super) fn scored(reference: &Reference, model: &Model, view: &Value) -> Checked {
    let watch = &view["watch"];
    let (Some(version), Some(rows)) = (watch["version"].as_str(), watch["rows"].as_u64()) else { return Ok(()) };
    let most = model.may_be_scored(version, &reference.arrivals) as u64;
    match rows <= most {
        true => Ok(()),
        false => {
            let what =
                format!("{version} of {} was scored on {rows} rows, and {most} came that it was not given", model.key);
            Err(Broken::new("scored", what))
        }
    }
}
