//! The command line, as a user types it.

use std::process::{Command, Output};

use serde_json::Value;

use crate::installation::Installation;

/// What a command answered.
pub struct CommandOutput {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl CommandOutput {
    /// The answer of a finished command.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Insists on exit code 0.
    ///
    /// # Panics
    /// It was another.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// What it printed, as JSON.
    ///
    /// # Panics
    /// It is not JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr))
    }
}

impl Installation {
    /// Runs `refit` with these words.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn refit(&self, words: &[&str]) -> CommandOutput {
        let mut command: Command = self.command("refit");
        CommandOutput::of(command.args(words).output().expect("refit can be started"))
    }

    /// Runs `refit … --json`, insists on success, and gives the answer.
    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Value {
        let mut all = words.to_vec();
        all.push("--json");
        self.refit(&all).ok().json()
    }
}
