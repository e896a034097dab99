//! What is not there is asked for: it is said, and never with the exit code of success.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

const NOBODY: [&str; 18] = [
    "forecast NOSUCH",
    "retrain NOSUCH",
    "check text/nosuch",
    "resume text/nosuch",
    "pause text/nosuch",
    "versions text/nosuch",
    "rollback text/nosuch",
    "promote text/nosuch v1.0",
    "monitor text/nosuch",
    "backup text/nosuch",
    "reproduce text/nosuch v1.0",
    "compare text/nosuch v1.0 v1.1",
    "data show nosuch",
    "job 0123456789",
    "cancel 0123456789",
    "worker drain 0123456789",
    "probe --pool nosuch",
    "pool pause nosuch",
];

impl Verb for It {
    fn name(&self) -> &'static str {
        "strangers"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, _: &Reference, dice: Dice) -> Vec<CommandLine> {
        vec![line(dice.pick(0, &NOBODY)).in_vain()]
    }
}
