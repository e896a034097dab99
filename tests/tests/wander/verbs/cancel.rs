//! A training is asked for and taken back at once.

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "cancel"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn trains(&self) -> bool {
        true
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(0, reference).key;
        vec![line(format!("retrain {key} --force")), line("cancel $JOB")]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let cancelled = reference.models.iter_mut().find(|model| model.asked.contains(line.word(1)));
        if let Some(model) = cancelled.filter(|_| answer.done()) {
            model.tried = None;
        }
        Ok(())
    }
}
