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
        let open = self.token.is_empty() && !self.listen.ip().is_loopback();
        open.then(|| {
            let reason = "other machines can reach this address, so a token is needed: set api.token or api.token_file";
            ("api.listen", reason.into())
        })
    }
}
