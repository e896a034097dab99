//! What a user may like.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "recommend"
    }

    fn weight(&self, family: Family) -> u32 {
        if family == Family::Recommender { 4 } else { 0 }
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let user = dice.pick(0, &["u1", "u7", "nobody"]);
        vec![line(format!("recommend {} {user} -n 3", dice.model(1, reference).key))]
    }
}
