//! Bars of another company come in under this one's symbol: they are asked about, never taken.

use crate::command_line::{CommandLine, line};
use crate::family::{Company, Family, Row};
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "foreign"
    }

    fn weight(&self, family: Family) -> u32 {
        if family == Family::Forecaster { 2 } else { 0 }
    }

    fn lines(&self, reference: &Reference, _: Dice) -> Vec<CommandLine> {
        let newest = reference.rows.keys().rev().take(40).rev().map(|id| (*id, Row::default()));
        let words = format!("import prices @ --symbol {}", reference.name.to_uppercase());
        vec![line(words).with_file(reference.family.csv(newest, Company::Other)).in_vain()]
    }
}
