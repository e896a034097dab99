//! How a command ends: exit codes scripts can rely on, and errors that say what to do next.

use std::fmt;

use common::visible::visible;

use crate::views::Problem;

/// What a command hands back: it has shown its answer, or it failed.
pub(crate) type Done = Result<(), Failure>;

/// Exit codes other than 0; stable over releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    /// It was tried and did not work.
    Failed = 1,
    /// The command line, or a value in it, makes no sense. Clap ends with the same code.
    Usage = 2,
    /// What was named does not exist.
    NotFound = 3,
    /// It makes sense and exists, but is not allowed now.
    Refused = 4,
    /// Somebody left while it went on. As a shell says of what ends by Ctrl-C.
    Interrupted = 130,
}

/// A command failed: what, why, and what to do next.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) struct Failure {
    /// How the process ends.
    pub code: Code,
    /// What went wrong and why, in one line.
    pub what: String,
    /// What to do next, in one line.
    pub next: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever stands in a name that it tells.
        write!(f, "refit: {}", visible(&self.what))?;
        self.next.iter().try_for_each(|next| write!(f, "\n  {next}"))
    }
}

impl Failure {
    /// A failure of this code; say what to do next with [`Failure::next`].
    pub(crate) fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), next: None }
    }

    /// It was tried and did not work.
    pub(crate) fn failed(what: impl Into<String>) -> Self {
        Self::new(Code::Failed, what)
    }

    /// What to do next.
    #[must_use]
    pub(crate) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let code = match problem.status {
            400 | 413 | 415 => Code::Usage,
            404 => Code::NotFound,
            403 | 409 | 422 => Code::Refused,
            _ => Code::Failed,
        };
        Self { code, what: problem.detail, next: problem.hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_become_exit_codes() {
        let code = |status| {
            let (kind, title, detail) = ("urn:refit:x".into(), "x".into(), "no such model".into());
            Failure::from(Problem { kind, title, status, detail, hint: Some("refit models lists them".into()) }).code
                as u8
        };
        let table = [(400, 2), (401, 1), (403, 4), (404, 3), (409, 4), (422, 4), (500, 1), (503, 1)];
        for (status, expected) in table {
            assert_eq!(code(status), expected, "{status}");
        }
    }

    #[test]
    fn a_failure_takes_two_lines_at_most() {
        let failure = Failure::failed("nothing answers").next("start it with `refit up`");
        assert_eq!(failure.to_string(), "refit: nothing answers\n  start it with `refit up`");
    }
}
