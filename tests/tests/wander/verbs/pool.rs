//! The pool is paused or drained; a training is asked for meanwhile, and goes on when it is resumed.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn weight(&self, _: Family) -> u32 {
        1
    }

    fn trains(&self) -> bool {
        true
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let close = dice.pick(0, &["pool pause cpu", "pool drain cpu"]);
        let key = &dice.model(1, reference).key;
        vec![line(close), line(format!("retrain {key} --force")), line("pool resume cpu")]
    }
}
