//! A version is trained again from its manifest, to the same bits.

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::{Job, Reference, Work};

use super::{Verb, promote};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "reproduce"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn trains(&self) -> bool {
        true
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let model = dice.model(1, reference);
        vec![line(format!("reproduce {} {}", model.key, promote::a_version(model, dice))).watched(true)]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        if let (Some(model), Some(id)) = (reference.model_mut(line.word(1)), answer.json["id"].as_str()) {
            let given = model.versions.get(line.word(2)).map(|version| version.given.clone()).unwrap_or_default();
            model.jobs.push(Job { id: id.to_owned(), what: Work::Reproduce, given, since: 0 });
        }
        Ok(())
    }
}
