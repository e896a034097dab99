//! A model is paused.

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "pause"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        vec![line(format!("pause {} --reason wandering", dice.model(0, reference).key))]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        if let Some(model) = reference.model_mut(line.word(1)).filter(|_| answer.done()) {
            model.paused = true;
        }
        Ok(())
    }
}
