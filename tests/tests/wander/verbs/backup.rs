//! A version is copied to the place of backups.

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, promote};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "backup"
    }

    fn weight(&self, _: Family) -> u32 {
        3
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let model = dice.model(1, reference);
        let version =
            if dice.one_in(2, 2) { format!("--version {}", promote::a_version(model, dice)) } else { String::new() };
        vec![line(format!("backup {} {version}", model.key))]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let Some(model) = reference.model_mut(line.word(1)) else { return Ok(()) };
        let (Some(id), Some(version)) = (answer.json["id"].as_str(), answer.json["version"].as_str()) else {
            return Ok(());
        };
        if !line.has("--version") && model.live() != Some(version) && !model.busy {
            return Err(Broken::new("live", format!("{} was backed up, {:?} is live", version, model.live())));
        }
        model.backups.push((id.to_owned(), version.to_owned()));
        Ok(())
    }
}
