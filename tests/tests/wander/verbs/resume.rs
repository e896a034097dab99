//! A model is resumed.

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "resume"
    }

    fn weight(&self, _: Family) -> u32 {
        3
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let paused = reference.models.iter().find(|model| model.paused);
        vec![line(format!("resume {}", paused.unwrap_or(dice.model(0, reference)).key))]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        if let Some(model) = reference.model_mut(line.word(1)).filter(|_| answer.done()) {
            model.paused = false;
        }
        Ok(())
    }
}
