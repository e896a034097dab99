//! Better hyper-parameters are searched for (E10). What comes of it is a training that this has asked for.

use crate::command_line::{Checked, CommandLine, CommandOutput, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::{Verb, retrain};

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "tune"
    }

    fn weight(&self, _: Family) -> u32 {
        1
    }

    fn trains(&self) -> bool {
        true
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        // None is of a model's shape: what is found can be gone on from.
        let space = match reference.family {
            Family::Forecaster => "learning_rate=0.0005..0.01",
            Family::Recommender => "reg=0.02..0.3",
            Family::Text => "tolerance=0.0001..0.01",
            Family::Tabular => "shrinkage=0.05..0.3",
        };
        vec![
            line(format!("tune {key} --trials 2 --eta 2 --search {space}")),
            line(format!("tune {key} --search {}", dice.pick(0, &["hiden=1..2", "seed=2..1", "seed="]))).in_vain(),
            line(format!("tune list {key}")),
        ]
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        match answer.json["challenger"].as_str() {
            Some(job) => retrain::asked(reference, line.word(1), job, "complete", None),
            None => Ok(()),
        }
    }
}
