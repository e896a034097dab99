//! Answers are documented ones.

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, May};

/// The exit codes of the README: 0 done, 1 failed, 2 usage, 3 not found, 4 refused. Nothing that a walk types fails, or is misspelt.
pub(crate) fn documented(line: &CommandLine, answer: &CommandOutput) -> Checked {
    let fits = match (line.may, answer.code) {
        (May::BeDone, 0 | 4) | (May::NotBeDone, 2..=4) | (May::BeAdvised, 0 | 2..=4) => true,
        // A version that is not there is one now and then.
        (May::BeDone, 3) => line.has("v9.9"),
        (May::BeDone | May::NotBeDone | May::BeAdvised, _) => false,
    };
    match fits && (answer.done() || !answer.stderr.is_empty()) {
        true => Ok(()),
        false => {
            Err(Broken::new("exit", format!("{line} ended with {}: {} {}", answer.code, answer.stderr, answer.json)))
        }
    }
}
