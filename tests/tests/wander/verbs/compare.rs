//! Two versions side by side.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, promote};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "compare"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let model = dice.model(1, reference);
        let (a, b) = (promote::a_version(model, dice), promote::a_version(model, Dice([dice.0[2], 0, 0])));
        vec![line(format!("compare {} {a} {b}", model.key))]
    }
}
