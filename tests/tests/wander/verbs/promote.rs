//! A version is made live by hand.

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::{Model, Move, Reference};

use super::Verb;

/// So many that were ever live keep their weights, the newest of them: older ones may have lost theirs in a cleanup.
const KEPT: usize = 5;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "promote"
    }

    fn weight(&self, _: Family) -> u32 {
        6
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let model = dice.model(1, reference);
        vec![line(format!("promote {} {}", model.key, a_version(model, dice)))]
    }

    /// Whatever was judged can be promoted: what is live already and what only repeats another cannot.
    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let changes = reference.changes;
        let Some(model) = reference.model_mut(line.word(1)) else { return Ok(()) };
        let number = line.word(2);
        let may =
            model.versions.get(number).is_some_and(|version| !version.reproduction) && model.live() != Some(number);
        let newer = model.versions.keys().filter(|version| order(version) > order(number)).count();
        let cleaned_away = newer >= KEPT && answer.stderr.contains("has lost its weights in a cleanup");
        if answer.done() != may && !model.busy && !cleaned_away {
            let what = if may { "was not promoted" } else { "was promoted" };
            return Err(Broken::new("promote", format!("{number} of {} {what}: {}", model.key, answer.stderr)));
        }
        if answer.done() {
            let goes_back = model.live().is_some_and(|live| order(number) < order(live));
            by_hand(model, "promote", number);
            model.rolled_back = (goes_back && !model.busy).then_some(changes);
        }
        Ok(())
    }
}

/// One of its versions, seldom one that it has not; v9.9 where there is none.
pub(super) fn a_version(model: &Model, dice: Dice) -> String {
    let mut all: Vec<&str> = model.versions.keys().map(String::as_str).collect();
    if all.is_empty() || dice.0[0] == 23 {
        all = vec!["v9.9"];
    }
    dice.pick(0, &all).to_owned()
}

/// Its place among the versions.
fn order(version: &str) -> Vec<u32> {
    version.trim_start_matches('v').split('.').filter_map(|part| part.parse().ok()).collect()
}

/// A move that the ledger must show, and that a person has made.
pub(super) fn by_hand(model: &mut Model, kind: &str, version: &str) {
    model.by_hand = Some(Move { kind: kind.to_owned(), version: version.to_owned() });
    model.rolled_back = None;
}
