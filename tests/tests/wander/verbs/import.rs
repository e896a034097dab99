//! New rows come in.

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::{Company, Family, Row};
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "import"
    }

    fn speaks(&self, word: &str) -> bool {
        word == "import" || word == "data"
    }

    fn weight(&self, _: Family) -> u32 {
        10
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let count = dice.pick(0, &[1, 5, 25, 60]);
        let rows = (reference.next..reference.next + count).map(|id| (id, Row::default()));
        vec![bring(reference, rows.collect())]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        came(reference, line, answer)
    }
}

/// The line that brings these rows in.
pub(crate) fn bring(reference: &Reference, rows: Vec<(u32, Row)>) -> CommandLine {
    let Reference { family, name, .. } = reference;
    let file = family.csv(rows.iter().copied(), Company::Own);
    let brings = rows.into_iter().map(|(id, row)| (id, Some(row))).collect();
    let naming = if reference.rows.is_empty() { family.naming() } else { "" };
    let words = match family {
        Family::Text | Family::Tabular | Family::Recommender => format!("data import {name} @ {naming}"),
        Family::Forecaster => format!("import prices @ --symbol {}", name.to_uppercase()),
    };
    line(words).with_file(file).bringing(brings)
}

/// Every row is counted as what it is, and stands from then on.
pub(super) fn came(reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
    if line.brings.is_empty() || !answer.done() {
        return Ok(());
    }
    let mut expected = [0_u64; 4];
    for (id, row) in &line.brings {
        let index = match (reference.rows.get(id), row) {
            (None, Some(_)) => 0,
            (Some(before), Some(row)) if before == row => 1,
            (Some(_), Some(_)) => 2,
            (_, None) => 3,
        };
        expected[index] += 1;
    }
    let report = &answer.json[0];
    let names = match reference.family {
        Family::Text | Family::Tabular | Family::Recommender => ["new", "unchanged", "superseded", "deleted"],
        Family::Forecaster => ["accepted", "unchanged", "revised", "deleted"],
    };
    let counted = names.map(|name| report[name].as_u64().unwrap_or(0));
    if counted != expected || report["refused"] != 0 {
        return Err(Broken::new("rows", format!("{names:?} should be {expected:?}: {report}")));
    }
    for (id, row) in &line.brings {
        reference.put(*id, *row);
    }
    Ok(())
}
