//! The live version is asked about rows.

use serde_json::{Value, json};

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::{Model, Reference};

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "predict"
    }

    fn weight(&self, family: Family) -> u32 {
        if family.has_dataset() { 5 } else { 0 }
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        vec![line(format!("predict {key} --file @")).with_file(reference.family.questions())]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        if line.has("--batch") {
            return super::batch::in_queue(reference, line, answer);
        }
        let Some(model) = reference.model_mut(line.word(1)) else { return Ok(()) };
        if answer.done() == model.live().is_none() && !model.busy {
            return Err(Broken::new(
                "predict",
                format!("{:?} of {} is live: {}", model.live(), model.key, answer.stderr),
            ));
        }
        let key = model.key.clone();
        let rows = answer.json["predictions"].as_array().cloned().unwrap_or_default();
        if answer.done() {
            says(model, &answer.json["version"], "", values(&rows))?;
        }
        let ids = rows.iter().filter_map(|row| Some((row["id"].as_str()?.to_owned(), key.clone())));
        reference.predictions.extend(ids);
        Ok(())
    }
}

pub(crate) fn values(rows: &[Value]) -> Value {
    rows.iter().map(|row| json!([row["value"], row["label"], row["interval"]])).collect()
}

/// A version answers the same question in the same way, whatever has happened since; and it is the one that is live.
pub(crate) fn says(model: &mut Model, version: &Value, about: &str, answer: Value) -> Checked {
    let version = version.as_str().unwrap_or_default().to_owned();
    if model.live() != Some(version.as_str()) && !model.busy && model.jobs.is_empty() {
        let what = format!("{version} of {} answers, {:?} is live", model.key, model.live());
        return Err(Broken::new("answers", what));
    }
    let known = model.answers.entry((version.clone(), about.to_owned())).or_insert_with(|| answer.clone());
    if *known != answer {
        let what = format!("{version} of {} said {known} before, and {answer} now", model.key);
        return Err(Broken::new("answers", what));
    }
    Ok(())
}
