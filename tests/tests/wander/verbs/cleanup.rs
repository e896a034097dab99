//! What nothing refers to any more is removed.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, promote};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "cleanup"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let cleanup = line(if dice.one_in(0, 4) { "cleanup --dry-run" } else { "cleanup" });
        let model = dice.model(1, reference);
        // And a look whether what was judged is still there.
        let promote = line(format!("promote {} {}", model.key, promote::a_version(model, dice)));
        if dice.one_in(2, 2) { vec![cleanup, promote] } else { vec![cleanup] }
    }
}
