//! The one place that writes to the terminal. Nothing that it writes steers one (see [`common::visible`]).

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use common::visible::{visible_json, visible_lines};
use serde::Serialize;
use serde_json::json;

use super::exit::{Done, Failure};
use super::terminal::Terminal;

/// Where answers go, and in which form.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    terminal: bool,
    answered: AtomicBool,
}

impl Output {
    /// Answers as one JSON document, or as text for people.
    pub(crate) fn new(json: bool) -> Self {
        Self { json, terminal: std::io::stdout().is_terminal(), answered: AtomicBool::new(false) }
    }

    /// Whether a person looks at a terminal, so that lines may be redrawn.
    pub(crate) fn is_live(&self) -> bool {
        self.terminal && !self.json
    }

    /// Whether answers are JSON documents.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Shows the answer of a command: the value itself as JSON, or what `text` makes of it.
    ///
    /// # Errors
    /// The value cannot be written as JSON.
    pub(crate) fn answer<T: Serialize + ?Sized>(&self, value: &T, text: impl FnOnce(&T) -> String) -> Done {
        let shown = match self.json {
            true => serde_json::to_string_pretty(value).map_err(|e| Failure::failed(format!("no JSON: {e}")))?,
            false => text(value),
        };
        self.answered.store(true, Ordering::Relaxed);
        match self.json {
            true => write_to(std::io::stdout().lock(), &visible_json(&shown)),
            false => write_to(std::io::stdout().lock(), &visible_lines(&shown)),
        }
        Ok(())
    }

    /// A piece of an answer that is shown as it comes; whether anybody still reads.
    pub(crate) fn piece(&self, text: &str) -> bool {
        self.answered.store(true, Ordering::Relaxed);
        let shown = if self.json { visible_json(text) } else { visible_lines(text) };
        let mut out = std::io::stdout().lock();
        out.write_all(shown.as_bytes()).and_then(|()| out.flush()).is_ok()
    }

    /// A line on the way to the answer; nothing where the answer is JSON, which is one document.
    pub(crate) fn line(&self, text: impl AsRef<str>) {
        if !self.json {
            write_to(std::io::stdout().lock(), &visible_lines(text.as_ref()));
        }
    }

    /// A word to people beside the answer.
    pub(crate) fn note(&self, text: impl std::fmt::Display) {
        write_to(std::io::stderr().lock(), &visible_lines(&text.to_string()));
    }

    /// A failure: for people on stderr; as the JSON document, too, where one is asked for and none was shown.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.note(failure);
        if self.json && !self.answered.load(Ordering::Relaxed) {
            self.document(failure);
        }
    }

    /// A failure as the JSON document.
    pub(crate) fn document(&self, failure: &Failure) {
        let error = json!({ "error": { "code": failure.code as u8, "what": failure.what, "next": failure.next } });
        write_to(std::io::stdout().lock(), &visible_json(&error.to_string()));
    }

    /// Where a file goes, piece by piece: on a terminal nothing in it steers, elsewhere it is as it is.
    pub(crate) fn pieces(&self) -> Box<dyn Write> {
        if self.terminal { Box::new(Terminal::new(std::io::stdout())) } else { Box::new(std::io::stdout()) }
    }

    /// A question or a menu: the line may go on with what somebody types.
    ///
    /// # Errors
    /// Nobody can see it.
    pub(crate) fn ask(&self, text: &str) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(visible_lines(text).as_bytes())?;
        out.flush()
    }
}

/// A reader that closes the pipe early (`refit models | head`) has seen what it wanted: no error.
fn write_to(mut to: impl Write, text: &str) {
    let _closed_early = writeln!(to, "{}", text.trim_end_matches('\n')).and_then(|()| to.flush());
}
