//! The newest backup is made live again.

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, promote};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "restore"
    }

    fn weight(&self, _: Family) -> u32 {
        3
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let model = dice.model(1, reference);
        match model.backups.last() {
            Some((id, _)) => vec![line(format!("restore {} {id}", model.key))],
            None => vec![line(format!("restore {} 20260102T030405.678Z-v1.0", model.key)).in_vain()],
        }
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let Some(model) = reference.model_mut(line.word(1)) else { return Ok(()) };
        let known = model.backups.iter().find(|(id, _)| id == line.word(2)).map(|(_, version)| version.clone());
        match (known, answer.done()) {
            (Some(version), true) => promote::by_hand(model, "restore", &version),
            (Some(version), false) if model.live() != Some(version.as_str()) => {
                return Err(Broken::new(
                    "restore",
                    format!("{version} of {} does not come back: {}", model.key, answer.stderr),
                ));
            }
            (Some(_) | None, _) => {}
        }
        Ok(())
    }
}
