//! Rows that stand are imported again with something else in them.

use crate::command_line::CommandLine;
use crate::family::{Family, Row};
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, import};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "correct"
    }

    fn weight(&self, _: Family) -> u32 {
        6
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let count = dice.pick(0, &[1, 3, 30, 10_000]);
        // In a column that no model reads, every other time.
        let changed = |row: Row| match dice.one_in(1, 2) {
            true => Row { note: row.note.wrapping_add(1), ..row },
            false => Row { edit: row.edit.wrapping_add(1), ..row },
        };
        let every = usize::from(dice.0[2] % 3) + 1;
        let own = reference.rows.iter().filter(|(id, _)| **id < Reference::LABELLED);
        let rows = own.step_by(every).take(count).map(|(id, row)| (*id, changed(*row)));
        vec![import::bring(reference, rows.collect())]
    }
}
