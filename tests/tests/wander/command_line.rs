//! What a person types, and what is answered.

use std::fmt;

use serde_json::Value;

use crate::family::Row;

/// Something done to the processes themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// The coordinator is asked to end, and started again.
    Restart,
    /// The coordinator is killed, and started again.
    KillCoordinator,
    /// A worker is killed, and another started.
    KillWorker,
}

/// What may come of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum May {
    /// It is done, or refused with a reason.
    BeDone,
    /// A message advised it.
    BeAdvised,
    /// It names something that is not there, or makes no sense: everything but 0.
    NotBeDone,
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct CommandLine {
    /// The words after `refit`; `@` stands for the file.
    pub(crate) words: Vec<String>,
    /// What the file holds.
    pub(crate) file: Option<String>,
    /// The rows it brings, by id; none: it deletes that row.
    pub(crate) brings: Vec<(u32, Option<Row>)>,
    /// Its training or job is waited for.
    pub(crate) watch: bool,
    pub(crate) may: May,
    /// In place of words.
    pub(crate) act: Option<Act>,
}

/// A line of these words.
pub(crate) fn line(words: impl AsRef<str>) -> CommandLine {
    let words = words.as_ref().split_whitespace().map(str::to_owned).collect();
    CommandLine { words, file: None, brings: Vec::new(), watch: false, may: May::BeDone, act: None }
}

impl CommandLine {
    pub(crate) fn of_act(act: Act) -> Self {
        Self { act: Some(act), ..line("") }
    }

    pub(crate) fn with_file(self, content: impl Into<String>) -> Self {
        Self { file: Some(content.into()), ..self }
    }

    pub(crate) fn bringing(self, brings: Vec<(u32, Option<Row>)>) -> Self {
        Self { brings, ..self }
    }

    pub(crate) fn watched(self, watch: bool) -> Self {
        Self { watch, ..self }
    }

    pub(crate) fn advised(self) -> Self {
        Self { may: May::BeAdvised, ..self }
    }

    pub(crate) fn in_vain(self) -> Self {
        Self { may: May::NotBeDone, ..self }
    }

    /// The word at an index, empty if there are fewer.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", String::as_str)
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.act {
            Some(Act::Restart) => f.write_str("kill -TERM $COORDINATOR; refit serve &"),
            Some(Act::KillCoordinator) => f.write_str("kill -KILL $COORDINATOR; refit serve &"),
            Some(Act::KillWorker) => f.write_str("kill -KILL $WORKER; refit-worker run &"),
            None => write!(f, "refit {}{}", self.words.join(" "), if self.watch { " --watch" } else { "" }),
        }
    }
}

/// What the command answered.
#[derive(Debug, Clone)]
pub(crate) struct CommandOutput {
    /// The exit code.
    pub(crate) code: i32,
    /// The document on stdout; null if there was none.
    pub(crate) json: Value,
    /// What it wrote on stderr.
    pub(crate) stderr: String,
}

impl CommandOutput {
    pub(crate) fn done(&self) -> bool {
        self.code == 0
    }
}

/// Something that must be true is not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Broken {
    /// The check that found it.
    pub(crate) check: &'static str,
    pub(crate) what: String,
}

impl Broken {
    pub(crate) fn new(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, what: what.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.check, self.what)
    }
}

/// What a check says.
pub(crate) type Checked<T = ()> = Result<T, Broken>;
