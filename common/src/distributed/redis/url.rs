//! The URL of the bus.

use redis::{Client, ConnectionInfo, IntoConnectionInfo, RedisResult, TlsCertificates};

use crate::connect::Trust;
use crate::ports::PortError;
use crate::settings::ServiceUrl;

/// What a URL says.
pub(super) struct RedisUrl {
    pub(super) shown: ServiceUrl,
    pub(super) client: Client,
    pub(super) prefix: String,
}

impl RedisUrl {
    /// Takes our own `prefix` out of the query; the rest is Redis's.
    ///
    /// # Errors
    /// It is not a URL of Redis.
    pub(super) fn parse(url: &str, trust: &Trust) -> Result<Self, PortError> {
        let shown = ServiceUrl::from(url);
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (ours, others): (Vec<&str>, Vec<&str>) =
            query.split('&').filter(|pair| !pair.is_empty()).partition(|pair| pair.starts_with("prefix="));
        let prefix = ours.last().and_then(|pair| pair.strip_prefix("prefix=")).unwrap_or("refit").to_owned();
        let unusable = |reason: String| PortError::Unusable { what: shown.to_string(), reason };
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b)) {
            return Err(unusable("its prefix must be letters, digits, '.', '_', '-' and ':'".into()));
        }
        let url = if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) };
        // What the parser says names no part of the URL.
        let client =
            url.as_str().into_connection_info().and_then(|info| client_of(info, url.starts_with("rediss:"), trust));
        let client = client.map_err(|error| {
            unusable(format!("write redis://USER:PASSWORD@HOST:PORT/DATABASE?prefix=NAME ({})", error.category()))
        })?;
        Ok(Self { shown, client, prefix })
    }
}

/// A client; with TLS, one that believes our own authorities instead of the system's where there are some.
fn client_of(info: ConnectionInfo, tls: bool, trust: &Trust) -> RedisResult<Client> {
    match trust.pem().filter(|_| tls) {
        Some(pem) => {
            let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem.as_bytes().to_vec()) };
            Client::build_with_tls(info, certificates)
        }
        None => Client::open(info),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_ours_and_the_rest_is_redis() {
        let prefix = |url: &str| {
            RedisUrl::parse(url, &Trust::default()).map(|url| url.prefix).map_err(|error| error.to_string())
        };
        assert_eq!(prefix("redis://host").unwrap(), "refit");
        assert_eq!(prefix("rediss://:pw@host:6380/2?protocol=resp3&prefix=blue").unwrap(), "blue");
        let refused = prefix("redis://:hunter2@host?prefix=a%20b").unwrap_err();
        assert!(refused.starts_with("redis://:***@host?*** cannot be used: its prefix must be"), "{refused}");
        let refused = prefix("redis://:hunter2@:x").unwrap_err();
        assert!(refused.contains("write redis://") && !refused.contains("hunter2"), "{refused}");
    }
}
