//! What a walk can do, one file a verb. A new one: a file with a `Verb`, and its name in the two lists here.

mod again;
mod alerts;
mod backup;
mod batch;
mod cancel;
mod check;
mod cleanup;
mod compare;
mod correct;
mod delete;
mod forecast;
mod foreign;
pub(crate) mod import;
mod label;
pub(crate) mod model;
mod monitor;
mod pause;
mod policy;
mod pool;
pub(crate) mod predict;
mod probe;
mod promote;
mod recommend;
mod report;
mod reproduce;
mod restart;
mod restore;
mod resume;
mod retrain;
mod rollback;
mod schedule;
mod schema;
mod second;
mod tune;
mod unknown_names;

use crate::command_line::{Checked, CommandLine, CommandOutput};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

/// Something a person does, or somebody does to the processes.
pub(crate) trait Verb: Sync {
    /// Its name, and the first word of its lines.
    fn name(&self) -> &'static str;

    /// Whether lines that begin with this word are its own.
    fn speaks(&self, word: &str) -> bool {
        self.name() == word
    }

    /// How often it is drawn, against the others; 0 where it makes no sense.
    fn weight(&self, family: Family) -> u32;

    /// The lines to type. They may make no sense as things stand: then they are refused.
    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine>;

    /// What the answer teaches, and what was to be expected of it. Called for every line that begins with its name, whoever typed it.
    ///
    /// # Errors
    /// The answer is not what must be true.
    fn learn(&self, _reference: &mut Reference, _line: &CommandLine, _answer: &CommandOutput) -> Checked {
        Ok(())
    }

    /// Whether it trains something: such are rationed.
    fn trains(&self) -> bool {
        false
    }

    /// Whether it touches everybody, so that other walks stand still.
    fn is_alone(&self) -> bool {
        false
    }
}

impl std::fmt::Debug for dyn Verb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Every verb.
pub(crate) const ALL: &[&dyn Verb] = &[
    // Rows.
    &import::It,
    &correct::It,
    &delete::It,
    &again::It,
    &alerts::It,
    &foreign::It,
    // Models.
    &model::It,
    &policy::It,
    &second::It,
    &schema::It,
    // Trainings.
    &retrain::It,
    &check::It,
    &cancel::It,
    &pause::It,
    &resume::It,
    // Versions.
    &promote::It,
    &rollback::It,
    &compare::It,
    &backup::It,
    &restore::It,
    &cleanup::It,
    &reproduce::It,
    &tune::It,
    // Questions.
    &predict::It,
    &batch::It,
    &label::It,
    &monitor::It,
    &forecast::It,
    &recommend::It,
    &report::It,
    &unknown_names::It,
    &schedule::It,
    // The processes.
    &probe::It,
    &pool::It,
    &restart::It,
];

/// Tells the verb of a line what it was answered.
pub(crate) fn learn(reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
    match ALL.iter().find(|verb| verb.speaks(line.word(0))) {
        Some(verb) => verb.learn(reference, line, answer),
        None => Ok(()),
    }
}
