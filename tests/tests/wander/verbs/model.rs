//! A model is registered or changed: category, tags, whether it trains by itself, hyper-parameters.

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::{Model, Reference};

use super::{Verb, policy};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "model"
    }

    fn weight(&self, _: Family) -> u32 {
        4
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        let seed = format!("{} --set seed={}", reference.family.small(), dice.0[2]);
        let change = dice.pick(
            0,
            &[
                "--category portfolio",
                "--tag wandering",
                "--auto-retrain false",
                "",
                seed.as_str(),
                "--auto-retrain true",
            ],
        );
        vec![line(format!("model {key} {change}"))]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        if !answer.done() {
            return Ok(());
        }
        let said = policy::said(reference.family, line);
        match reference.model_mut(line.word(1)) {
            // Another recipe: what was tried was something else.
            Some(model) => model.tried = None,
            None => reference.models.push(Model::new(line.word(1))),
        }
        if let Some(model) = reference.model_mut(line.word(1)) {
            for (key, value) in said {
                match value {
                    Some(value) => model.own.insert(key, value),
                    None => model.own.remove(&key),
                };
            }
        }
        Ok(())
    }
}

/// The line that registers a model on the walk's rows.
pub(crate) fn register(reference: &Reference, name: &str) -> CommandLine {
    let Reference { family, .. } = reference;
    let dataset = if family.has_dataset() { format!("--dataset {}", reference.name) } else { String::new() };
    line(format!("model {} {dataset} {} {}", family.key(name), family.reading(), family.small()))
}
