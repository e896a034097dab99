//! Back to the version that was live before.

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, promote};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "rollback"
    }

    fn weight(&self, _: Family) -> u32 {
        5
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        let back = line(format!("rollback {key}"));
        // And a look at what Refit makes of it.
        if dice.one_in(0, 2) { vec![back, line(format!("check {key} --enqueue"))] } else { vec![back] }
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let changes = reference.changes;
        let Some(model) = reference.model_mut(line.word(1)) else { return Ok(()) };
        let (before, now) = (model.before().map(str::to_owned), answer.json["version"].as_str().map(str::to_owned));
        if let Some(now) = &now {
            promote::by_hand(model, "rollback", now);
            model.rolled_back = (!model.busy).then_some(changes);
        }
        // A training that ends meanwhile may have moved the pointer first.
        if before != now && !model.busy {
            let what =
                format!("{} goes back to {now:?}, before that {before:?} was live: {}", model.key, answer.stderr);
            return Err(Broken::new("rollback", what));
        }
        Ok(())
    }
}
