//! Jobs without work, through the backlog and back.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "probe"
    }

    fn weight(&self, _: Family) -> u32 {
        1
    }

    fn lines(&self, _: &Reference, _: Dice) -> Vec<CommandLine> {
        vec![line("probe --count 3")]
    }
}
