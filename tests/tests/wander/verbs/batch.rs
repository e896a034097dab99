//! A file of rows is predicted as a job.

use std::collections::BTreeSet;

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::{Job, Reference, Work};

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "batch"
    }

    fn weight(&self, family: Family) -> u32 {
        if family.has_dataset() { 2 } else { 0 }
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        vec![line(format!("predict {key} --batch --file @")).with_file(reference.family.questions())]
    }
}

/// Its job is in the backlog.
pub(super) fn in_queue(reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
    if let (Some(model), Some(id)) = (reference.model_mut(line.word(1)), answer.json["id"].as_str()) {
        model.jobs.push(Job { id: id.to_owned(), what: Work::Batch, given: BTreeSet::new(), since: 0 });
    }
    Ok(())
}
