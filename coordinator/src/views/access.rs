//! Tokens of the API, and who changed what with them.

use chrono::{DateTime, Utc};
use domain::access::{Call, TokenScope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::schemas;

/// Asks for a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// Whose it will be, as the audit trail says it.
    #[schema(value_type = schemas::TokenName)]
    pub name: String,
    /// What it lets do.
    pub scope: TokenScope,
    /// Days until it is refused, 1 to 3650; never, if left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub expires_in_days: Option<u32>,
}

/// A token, without what would let anybody use it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Whose it is.
    pub name: String,
    /// What it lets do.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is refused; never, if absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to about a minute; never, if absent.
    pub used_at: Option<DateTime<Utc>>,
}

/// A new token. This is the only time it is shown: its hash alone is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewTokenView {
    /// What its bearer presents.
    pub token: String,
    /// All else about it.
    #[serde(flatten)]
    pub about: TokenView,
}

/// Which calls of the audit trail to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// Only calls from this moment on.
    pub since: Option<DateTime<Utc>>,
    /// Only calls with the token of this name.
    pub by: Option<String>,
    /// At most so many, the newest: 1 to 1000; 100 if left out.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    pub cursor: Option<String>,
}

/// A call that may have changed something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallView {
    /// Its number; later calls have higher ones.
    pub id: i64,
    /// When it came in.
    pub at: DateTime<Utc>,
    /// The name of its token; `settings` for the token of the settings, `local` where none was asked for.
    pub by: String,
    /// The HTTP method.
    pub method: String,
    /// The route, such as `/api/v1/jobs/{id}/cancel`.
    pub route: String,
    /// What it was about, such as a model; empty where the route says it all.
    pub subject: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The HTTP status it was answered with; 499 where whoever asked did not wait for the answer.
    pub status: u16,
    /// The address it came from; empty where it is not known.
    pub remote: String,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused: the caller's rights, the request, or the state of things.
    Refused,
    /// It failed, and may have been done in part.
    Failed,
    /// Whoever asked went away before the answer: it may have been done.
    Abandoned,
}

impl Outcome {
    /// What an HTTP status says.
    pub fn of(status: u16) -> Self {
        match status {
            Call::ABANDONED => Self::Abandoned,
            ..400 => Self::Done,
            400..500 => Self::Refused,
            500.. => Self::Failed,
        }
    }

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }
}
