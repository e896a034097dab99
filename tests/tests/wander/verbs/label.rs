//! What came of a predicted row is told; nonsense is not taken.

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::{Family, Row};
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "label"
    }

    fn weight(&self, family: Family) -> u32 {
        if family.has_dataset() { 4 } else { 0 }
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let outcome = dice.pick(1, &reference.family.outcomes());
        let said: Vec<&(String, String)> = reference.predictions.iter().collect();
        if said.is_empty() {
            return Vec::new();
        }
        let (id, key) = dice.pick(0, &said);
        vec![line(format!("label {key} {id} {outcome}"))]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let [.., nonsense] = reference.family.outcomes();
        let labelled = answer.json["labelled"].as_u64().unwrap_or(0);
        if line.word(3) == nonsense {
            return match labelled {
                0 => Ok(()),
                _ => Err(Broken::new("labels", format!("{nonsense:?} was taken: {}", answer.json))),
            };
        }
        if labelled == 0 && reference.unsure.contains(line.word(2)) && answer.stderr.contains("no such prediction") {
            return Ok(());
        }
        if labelled != 1 {
            return Err(Broken::new(
                "labels",
                format!("{:?} was not taken: {} {}", line.word(3), answer.json, answer.stderr),
            ));
        }
        let index = reference.predictions.iter().position(|(id, _)| id == line.word(2)).unwrap_or(0) as u32;
        // Ratings are named by user and item: the same two are asked about every time.
        let index = if reference.family == Family::Recommender { index % 2 } else { index };
        let edit = u8::from(line.word(3) == reference.family.outcomes()[0]);
        reference.put(Reference::LABELLED + index, Some(Row { edit, note: 0 }));
        Ok(())
    }
}
