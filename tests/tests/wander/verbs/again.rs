//! What was deleted comes again; or all there is, unchanged.

use crate::command_line::CommandLine;
use crate::family::{Family, Row};
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, import};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "again"
    }

    fn weight(&self, _: Family) -> u32 {
        4
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let own = |id: &u32| *id < Reference::LABELLED;
        let gone: Vec<(u32, Row)> = reference
            .gone
            .iter()
            .filter(|id| own(id) && !reference.rows.contains_key(id))
            .map(|id| (*id, Row::default()))
            .collect();
        let standing = || reference.rows.iter().filter(|(id, _)| own(id)).map(|(id, row)| (*id, *row)).collect();
        let rows = if gone.is_empty() || dice.one_in(0, 3) { standing() } else { gone };
        vec![import::bring(reference, rows)]
    }
}
