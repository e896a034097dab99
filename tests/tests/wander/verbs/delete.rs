//! Rows are deleted.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "delete"
    }

    fn weight(&self, family: Family) -> u32 {
        if family.has_dataset() { 5 } else { 0 }
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let count = dice.pick(0, &[1, 4, 20]);
        let own = reference.rows.keys().copied().filter(|id| *id < Reference::LABELLED);
        let ids: Vec<u32> = own.skip(usize::from(dice.0[1])).take(count).collect();
        let brings = ids.iter().map(|id| (*id, None)).collect();
        let words = format!("data import {} @ --delete", reference.name);
        vec![line(words).with_file(reference.family.keys(&ids)).bringing(brings)]
    }
}
