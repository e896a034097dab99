//! What was typed, as lines to paste; what a run came to.

use std::fmt::Write as _;

use crate::command_line::{Broken, CommandLine, CommandOutput};

/// Every line of a walk, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    lines: Vec<(String, String)>,
    /// Steps begun.
    pub(crate) steps: u64,
}

impl Journal {
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// A line is typed.
    pub(crate) fn begin(&mut self, line: &CommandLine) -> usize {
        self.lines.push((line.to_string(), "no answer".into()));
        self.lines.len() - 1
    }

    /// It is answered.
    pub(crate) fn end(&mut self, index: usize, answer: &CommandOutput) {
        let what = answer.stderr.lines().next().unwrap_or_default();
        self.lines[index].1 = if answer.done() { String::new() } else { format!("exit {}: {what}", answer.code) };
    }

    /// To paste into a shell.
    pub(crate) fn shell(&self) -> String {
        self.lines.iter().fold(String::new(), |mut text, (line, note)| {
            let note = if note.is_empty() { String::new() } else { format!("   # {note}") };
            let _never_fails = writeln!(text, "    {line}{note}");
            text
        })
    }
}

/// A walk that broke something.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) broken: Broken,
    /// The steps, as drawn: what is the same need not be tried again.
    pub(crate) drawn: String,
    pub(crate) lines: String,
    pub(crate) steps: usize,
    pub(crate) replays: u32,
}

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub(crate) walks: u64,
    pub(crate) steps: u64,
    pub(crate) lines: u64,
    pub(crate) versions: u64,
    /// By number of the walk.
    pub(crate) failures: Vec<(u64, Failure)>,
    pub(crate) seconds: f64,
}

impl Sum {
    /// With what another installation came to.
    pub(crate) fn add(&mut self, other: Self) {
        self.walks += other.walks;
        self.steps += other.steps;
        self.lines += other.lines;
        self.versions += other.versions;
        self.failures.extend(other.failures);
        self.seconds += other.seconds;
    }

    /// The last line.
    pub(crate) fn last_line(&self) -> String {
        format!(
            "wander: {} walks, {} steps, {} lines, {} versions, broken {} in {:.0} s",
            self.walks,
            self.steps,
            self.lines,
            self.versions,
            self.failures.len(),
            self.seconds
        )
    }

    /// What was broken, and how to see it again.
    pub(crate) fn broken(&self, seed: u64) -> String {
        self.failures.iter().fold(String::new(), |mut text, (number, failure)| {
            let Failure { broken, lines, steps, replays, .. } = failure;
            let _never_fails = write!(
                text,
                "\nwalk {number} of seed {seed} is broken: {broken}\n  {steps} steps, after {replays} replays:\n{lines}  again: \
                 make wander SEED={seed} WALK={number}\n"
            );
            text
        })
    }
}
