//! Decisions are asked for, and what is due is enqueued.

use serde_json::Value;

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, retrain};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "check"
    }

    fn weight(&self, _: Family) -> u32 {
        6
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        let enqueue = if dice.one_in(0, 2) { "" } else { "--enqueue" };
        let as_of =
            if dice.one_in(2, 8) { format!("--as-of {}", retrain::a_day(reference, dice)) } else { String::new() };
        vec![line(format!("check {key} {enqueue} {as_of}")).watched(false)]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        for decision in answer.json["items"].as_array().into_iter().flatten() {
            let (Some(key), Some(job)) = (decision["model"].as_str(), decision["job"].as_str()) else { continue };
            let mode = decision["mode"].as_str().unwrap_or_default();
            let as_of =
                line.words.iter().position(|word| word == "--as-of").map(|index| line.word(index + 1).to_owned());
            if as_of.is_none() {
                nothing_is_tried_twice(reference, key, mode, decision)?;
            }
            retrain::asked(reference, key, job, mode, as_of.as_deref())?;
        }
        Ok(())
    }
}

/// By itself, Refit trains no rows twice in one way, and does not undo what somebody has rolled back.
fn nothing_is_tried_twice(reference: &mut Reference, key: &str, mode: &str, decision: &Value) -> Checked {
    let changes = reference.changes;
    let Some(model) = reference.model_mut(key) else { return Ok(()) };
    // What was trained since may have gone live.
    if model.rolled_back == Some(changes) && !model.busy {
        let what = format!("{key} was rolled back by hand, and nothing has come since: {}", decision["reasons"]);
        return Err(Broken::new("rollback_holds", what));
    }
    let for_rows = decision["reasons"].as_array().into_iter().flatten().any(|reason| reason["code"] == "new_samples");
    if for_rows && model.tried == Some((changes, mode.to_owned())) {
        let what = format!("{key} was trained in mode {mode} on these very rows already: {}", decision["reasons"]);
        return Err(Broken::new("tried_once", what));
    }
    Ok(())
}
