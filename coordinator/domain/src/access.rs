//! Who may do what by the API: the scopes of tokens, and the names of those who hold them.

use std::fmt;
use std::str::FromStr;

use common::vocabulary::{InvalidKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plain_name::{RULE, is_plain_name};

/// What a token lets its bearer do; each scope holds those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Look at everything but tokens and the audit trail, and ask models.
    Read,
    /// Also bring in data, train, promote, pause, cancel: the daily work.
    Operate,
    /// Also make and revoke tokens, read the audit trail, and delete.
    Admin,
}

impl TokenScope {
    /// All, from the narrowest.
    pub const ALL: [Self; 3] = [Self::Read, Self::Operate, Self::Admin];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for TokenScope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| format!("{text:?} is no scope: use read, operate or admin"))
    }
}

/// The name of a token: who holds it, as the audit trail says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenName(String);

impl TokenName {
    /// Whoever has the token of the settings.
    pub const SETTINGS: &'static str = "settings";
    /// Whoever is on this machine, where the API asks for no token.
    pub const LOCAL: &'static str = "local";

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for TokenName {
    type Err = InvalidKey;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = match text {
            Self::SETTINGS | Self::LOCAL => "it stands for those without a token of their own",
            _ if is_plain_name(text) => return Ok(Self(text.to_owned())),
            _ => RULE,
        };
        Err(InvalidKey { text: text.chars().take(80).collect(), what: "name of a token", rule })
    }
}

impl TryFrom<String> for TokenName {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TokenName> for String {
    fn from(name: TokenName) -> Self {
        name.0
    }
}

/// A call of the API that may have changed something, as the audit trail keeps it: never a secret, never a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it came in.
    pub at: Timestamp,
    /// The name of its token, [`TokenName::SETTINGS`] or [`TokenName::LOCAL`].
    pub by: String,
    /// The HTTP method.
    pub method: String,
    /// The route, as the document of the API names it.
    pub route: String,
    /// What it was about, such as a model; may be empty.
    pub subject: String,
    /// The HTTP status it was answered with; [`Call::ABANDONED`] where nobody waited for an answer.
    pub status: u16,
    /// The address it came from; empty where it is not known.
    pub remote: String,
}

impl Call {
    /// Whoever asked went away before the answer: no status of HTTP, but what servers log for it.
    pub const ABANDONED: u16 = 499;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_scopes_hold_the_narrower() {
        assert!(TokenScope::Read < TokenScope::Operate && TokenScope::Operate < TokenScope::Admin);
        for scope in TokenScope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
            assert_eq!(scope.to_string(), scope.as_str());
        }
        assert!("root".parse::<TokenScope>().unwrap_err().ends_with("use read, operate or admin"));
    }

    #[test]
    fn names_are_plain_words_and_none_that_has_a_meaning() {
        for name in ["ci", "grafana-eu.1", "ana_maria"] {
            let read: TokenName = name.parse().unwrap();
            assert_eq!((read.as_str(), read.to_string().as_str()), (name, name));
            assert_eq!(serde_json::to_value(read).unwrap(), name);
        }
        let long = "a".repeat(65);
        for name in ["", "settings", "local", "-rf", ".hidden", "a/b", "two words", "\u{1b}[2J", long.as_str()] {
            assert!(name.parse::<TokenName>().is_err(), "{name:?}");
        }
    }
}
