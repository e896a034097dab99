//! What can go wrong with the database, by meaning: what whoever reads it would do.

use std::io::ErrorKind;

use common::connect::mistrusted;
use common::retry::MayHeal;
use sqlx::error::DatabaseError;

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It cannot be opened.
    #[error("the database {url} cannot be opened: {reason}")]
    Open {
        /// Its URL, without the password.
        url: String,
        /// Why, and what would help.
        reason: String,
        /// Whether the same may work later.
        passes: bool,
    },
    /// It does not answer, or not now. The same may work later.
    #[error("the database does not answer: {reason}")]
    Lost {
        /// What the database or its client says.
        reason: String,
    },
    /// Its disk is full; nothing that was there is lost.
    #[error("the database is full: {reason}")]
    Full {
        /// Why, and what would help.
        reason: String,
    },
    /// It refused.
    #[error("the database failed: {0}")]
    Sql(sqlx::Error),
    /// A value in it makes no sense.
    #[error("the database holds {value:?} in column {column}, which makes no sense: {reason}")]
    Corrupt {
        /// The column.
        column: &'static str,
        /// What it holds, shortened.
        value: String,
        /// What the parser said.
        reason: String,
    },
    /// A value cannot be written as JSON.
    #[error("a value cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What stands in the way of opening it.
#[derive(Debug)]
pub(super) struct Obstacle {
    /// What it is, and what would help.
    pub(super) reason: String,
    /// Whether it may go away by itself.
    pub(super) passes: bool,
}

impl From<sqlx::Error> for Obstacle {
    fn from(error: sqlx::Error) -> Self {
        // A certificate that is not believed, and a file that is not there, do not change by waiting.
        let lasts = match &error {
            sqlx::Error::Io(error) => matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::NotFound),
            sqlx::Error::Tls(_) => true,
            _ => false,
        };
        Self { reason: reason(&error), passes: is_lost(&error) && !lasts }
    }
}

impl From<String> for Obstacle {
    fn from(reason: String) -> Self {
        Self { reason, passes: false }
    }
}

impl MayHeal for Error {
    fn may_heal(&self) -> bool {
        matches!(self, Self::Open { passes: true, .. } | Self::Lost { .. })
    }
}

/// What the database answers.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            lost if is_lost(lost) => Self::Lost { reason: reason(lost) },
            full if is_full(full) => Self::Full { reason: reason(full) },
            _ => Self::Sql(error),
        }
    }
}

/// Whether there is no room for what was to be written: SQLITE_FULL, or PostgreSQL's `disk_full`.
fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| code == "13" || code == "53100")
}

/// Whether the connection is gone, or its turn did not come: the same may work later.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| passes(&code)),
        _ => false,
    }
}

/// Codes of what passes by itself: SQLSTATEs of PostgreSQL, result codes of SQLite (the low byte is the primary one).
fn passes(code: &str) -> bool {
    match code {
        // Too many connections, no lock in time, a deadlock, idle for too long, a failover to a standby.
        "53300" | "55P03" | "40001" | "40P01" | "25P03" | "25006" => true,
        _ if code.len() == 5 => code.starts_with("08") || code.starts_with("57P"),
        // SQLITE_BUSY, SQLITE_LOCKED.
        _ => matches!(code.parse::<u32>().map(|code| code & 0xff), Ok(5 | 6)),
    }
}

/// What an error means, and what would help, in one line.
pub(super) fn reason(error: &sqlx::Error) -> String {
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match error {
        sqlx::Error::Configuration(error) => format!("the URL cannot be read: {}", one_line(error.to_string())),
        sqlx::Error::Io(error) => of_io(error.kind(), &one_line(error.to_string())),
        sqlx::Error::Tls(error) => of_tls(&one_line(error.to_string())),
        sqlx::Error::Database(error) => of_database(error.as_ref()),
        sqlx::Error::Protocol(text) => {
            format!("what answers there does not speak its language: {}", one_line(text.clone()))
        }
        sqlx::Error::PoolTimedOut => "no connection to it came free in time".into(),
        sqlx::Error::PoolClosed => "it has been closed".into(),
        other => one_line(other.to_string()),
    }
}

fn of_io(kind: ErrorKind, text: &str) -> String {
    // A certificate that is refused, and a root certificate that is not there, come as input and output, too.
    match kind {
        ErrorKind::InvalidData => of_tls(text),
        ErrorKind::NotFound => {
            format!("a file its URL names (sslrootcert, sslcert, sslkey, a socket) is not there: {text}")
        }
        _ => format!("it cannot be reached: {text}"),
    }
}

fn of_tls(text: &str) -> String {
    if let Some(reason) = mistrusted(text) {
        reason
    } else if text.contains("does not support TLS") {
        "it does not offer TLS, and sslmode asks for it (by default on every other machine): set up TLS there, choose \
         another sslmode, or allow storage.allow_plaintext on a network that is trusted"
            .into()
    } else {
        format!("no TLS connection can be made: {text}")
    }
}

fn of_database(error: &dyn DatabaseError) -> String {
    let text = error.message();
    let help = error.code().and_then(|code| help(&code));
    help.map_or_else(|| text.to_owned(), |help| format!("{text}: {help}"))
}

/// What would help against an error of this code.
fn help(code: &str) -> Option<&'static str> {
    Some(match code {
        "28P01" | "28000" => "correct user and password in storage.database, or what the server lets in (pg_hba.conf)",
        "3D000" => "create it, or correct the name in storage.database",
        "3F000" => "create the schema that search_path names, or grant the user the right to use it",
        "42501" => "grant the user the rights USAGE and CREATE on the schema",
        "53300" => "raise max_connections of the server, or use fewer",
        "55P03" => "another coordinator has been writing for too long",
        "25006" => "it is read-only, perhaps a standby: storage.database must name the primary",
        // Of SQLite: SQLITE_CANTOPEN, SQLITE_NOTADB, SQLITE_READONLY, SQLITE_BUSY, SQLITE_FULL.
        "14" => "the folder must be one Refit may write to",
        "26" => "storage.database must name a database of Refit, or a file that is not there yet",
        "8" | "1032" | "1544" => "Refit must be allowed to write to the file and its folder",
        "5" | "261" | "517" => "another process has been writing for too long",
        "13" | "53100" => "make room on the disk",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
