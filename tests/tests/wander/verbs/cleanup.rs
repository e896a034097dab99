//! What nothing refers to any more is removed.

use crate::family::Family;
use crate::line::{Line, line};
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "cleanup"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, _: &Reference, dice: Dice) -> Vec<Line> {
        vec![line(if dice.one_in(0, 4) { "cleanup --dry-run" } else { "cleanup" })]
    }
}
