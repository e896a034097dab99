//! `api`

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Secret, duration};

/// The HTTP API and its clients.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// Address and port the coordinator listens on. Port 0 takes a free one.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Connections at a time; more wait until one ends. Fewer, where the process may not open so many files.
    #[schemars(range(min = 8, max = 1_000_000))]
    pub max_connections: u32,
    /// What a client presents. The coordinator takes it with all rights, for the administrator and to make other tokens with
    /// (`refit token create`); on any other machine it is that client's own. May stay empty only while the API listens on the loopback
    /// address.
    pub token: Secret,
    /// How long the audit trail is kept: who changed what by the API.
    #[serde(with = "duration")]
    #[schemars(with = "String", extend("minimum" = "1day"))]
    pub audit_kept_for: Duration,
}

/// A token that other machines may try is at least this long, in bytes.
const SHORTEST: usize = 16;

impl Default for Api {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 7438).into(),
            max_connections: 2048,
            token: Secret::default(),
            audit_kept_for: Duration::from_hours(24 * 365),
        }
    }
}

impl Api {
    pub(super) fn contradiction(&self) -> Option<(&'static str, String)> {
        let reason = match self.token.expose().len() {
            _ if self.listen.ip().is_loopback() => return None,
            0 => "other machines can reach this address, so a token is needed: set api.token or api.token_file".into(),
            SHORTEST.. => return None,
            bytes => format!(
                "other machines can reach this address, and a token of {bytes} bytes can be guessed: give api.token or \
                 api.token_file at least {SHORTEST}, such as what `openssl rand -hex 32` prints"
            ),
        };
        Some(("api.listen", reason))
    }
}
