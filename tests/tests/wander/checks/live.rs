//! What is live is what the ledger says, and the ledger holds what was done and nothing else.

use serde_json::Value;

use crate::command_line::{Broken, Checked};
use crate::reference::{Model, Move};
use crate::shared_installation::SharedInstallation;

/// Follows the ledger of a model, and gives the model as it is shown beside it.
pub(super) fn same(installation: &SharedInstallation, model: &mut Model) -> Checked<Value> {
    loop {
        let view = installation.get(&format!("models/{}", model.key))?;
        let seq = view["live_seq"].as_u64().unwrap_or(0) as usize;
        if seq != model.moves.len() {
            let mut ledger = installation.get(&format!("models/{}/ledger?limit=1000", model.key))?;
            let entries = ledger["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
            for entry in entries.iter().rev().skip(model.moves.len()) {
                explained(model, entry)?;
            }
            // It may have moved on between the two looks.
            if seq != model.moves.len() {
                continue;
            }
        }
        if let Some(missing) = &model.by_hand {
            return Err(Broken::new("live", format!("{} has no entry for {missing:?}", model.key)));
        }
        let shown = view["live"]["version"].as_str();
        if shown != model.live() {
            return Err(Broken::new("live", format!("{} shows {shown:?}, its ledger {:?}", model.key, model.live())));
        }
        return Ok(view);
    }
}

/// Every entry is there for a reason: somebody's hand, a training that was asked for, or what monitoring found.
fn explained(model: &mut Model, entry: &Value) -> Checked {
    let word = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let step = Move { kind: word("kind"), version: word("version") };
    let expected = match step.kind.as_str() {
        "promote" if !entry["job"].is_null() => {
            model.asked.contains(&word("job")) || model.versions.contains_key(&step.version)
        }
        "taken_back" => model.monitored && model.before() == Some(step.version.as_str()),
        _ => model.by_hand.take().as_ref() == Some(&step),
    };
    if !expected {
        return Err(Broken::new("live", format!("nobody has asked for this entry of {}: {entry}", model.key)));
    }
    if step.kind == "promote" && !entry["job"].is_null() {
        model.rolled_back = None;
    }
    model.moves.push(step);
    Ok(())
}
