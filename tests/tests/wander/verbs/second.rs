//! Another model reads the same rows.

use crate::command_line::CommandLine;
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, model};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "second"
    }

    fn weight(&self, family: Family) -> u32 {
        if family.has_dataset() { 2 } else { 0 }
    }

    fn lines(&self, reference: &Reference, _: Dice) -> Vec<CommandLine> {
        vec![model::register(reference, &format!("{}-b", reference.name))]
    }
}
