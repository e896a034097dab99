//! The next day of a symbol.

use serde_json::json;

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, predict};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "forecast"
    }

    fn weight(&self, family: Family) -> u32 {
        if family == Family::Forecaster { 7 } else { 0 }
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let refresh = if dice.one_in(0, 3) { "" } else { "--refresh" };
        vec![line(format!("forecast {} {refresh}", reference.name.to_uppercase()))]
    }

    /// Its own version answers, or the universal one for want of it; the same bars have the same forecast.
    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let key = Family::Forecaster.key(&line.word(1).to_lowercase());
        let (changes, said) = (reference.changes, answer.json[0].clone());
        let Some(model) = reference.model_mut(&key) else { return Ok(()) };
        let kind = said["model_type"].as_str().unwrap_or("none");
        if model.busy {
            return Ok(());
        }
        match (kind, model.live()) {
            ("own", Some(_)) if line.has("--refresh") => {
                let figures =
                    json!([said["direction"], said["change_percent"], said["interval_percent"], said["as_of"]]);
                predict::says(model, &said["version"], &changes.to_string(), figures)
            }
            ("own", Some(_)) | ("universal", None) => Ok(()),
            (_, live) => {
                Err(Broken::new("forecast", format!("{live:?} of {key} is live, and {said} {}", answer.stderr)))
            }
        }
    }
}
