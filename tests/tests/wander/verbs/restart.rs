//! Processes end and are killed.

use crate::command_line::{Act, CommandLine};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "restart"
    }

    fn weight(&self, _: Family) -> u32 {
        1
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn lines(&self, _: &Reference, dice: Dice) -> Vec<CommandLine> {
        vec![CommandLine::of_act(dice.pick(0, &[Act::Restart, Act::KillCoordinator, Act::KillWorker]))]
    }
}
