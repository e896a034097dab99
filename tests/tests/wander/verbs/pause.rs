//! A model is paused.

use crate::family::Family;
use crate::line::{Answer, Checked, Line, line};
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "pause"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<Line> {
        vec![line(format!("pause {} --reason wandering", dice.model(0, reference).key))]
    }

    fn learn(&self, reference: &mut Reference, line: &Line, answer: &Answer) -> Checked {
        if let Some(model) = reference.model_mut(line.word(1)).filter(|_| answer.done()) {
            model.paused = true;
        }
        Ok(())
    }
}
