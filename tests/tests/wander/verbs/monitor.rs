//! What is live is scored on what has come.

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "monitor"
    }

    fn weight(&self, _: Family) -> u32 {
        5
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        vec![line(format!("monitor {}", dice.model(1, reference).key))]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, _: &CommandOutput) -> Checked {
        if let Some(model) = reference.model_mut(line.word(1)) {
            model.monitored = true;
        }
        Ok(())
    }
}
