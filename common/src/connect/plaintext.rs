//! Services on other machines that are asked without TLS: everybody on the way reads their passwords.

use reqwest::Url;

use crate::settings::Settings;

/// Schemes without TLS, and the same with it.
const BARE: [(&str, &str); 2] = [("amqp", "amqps"), ("redis", "rediss")];

/// Says in the log which services are asked without TLS though they are on another machine, unless that is allowed. PostgreSQL is not
/// among them: it is asked with TLS, whatever its URL leaves out.
pub(super) fn warn_of(settings: &Settings) {
    if settings.storage.allow_plaintext {
        return;
    }
    let urls = [
        ("storage.queue", settings.queue_url()),
        ("storage.bus", settings.bus_url()),
        ("storage.store", settings.store_url()),
        ("storage.backups", settings.backups_url().unwrap_or_default()),
    ];
    for (key, url) in urls {
        if let Some(instead) = bare(&url) {
            tracing::warn!(
                "{key} leads to another machine without TLS, where others can read along: use {instead}, or set \
                 storage.allow_plaintext if the network is trusted"
            );
        }
    }
}

/// What to use in place of a URL that leads to another machine without TLS.
fn bare(url: &str) -> Option<&'static str> {
    let parsed = Url::parse(url).ok()?;
    match BARE.iter().find(|(scheme, _)| *scheme == parsed.scheme()) {
        Some((_, with_tls)) => (!is_this_machine(parsed.host_str()?)).then_some(*with_tls),
        None if parsed.scheme() == "s3" => {
            let endpoint = parsed.query_pairs().find(|(key, _)| key == "endpoint").map(|(_, value)| value)?;
            let endpoint = Url::parse(&endpoint).ok().filter(|endpoint| endpoint.scheme() == "http")?;
            (!is_this_machine(endpoint.host_str()?)).then_some("endpoint=https://")
        }
        None => None,
    }
}

/// Whether a host is this machine: what goes there, nobody else can read. A path is a socket of it.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || host.starts_with('/') || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_the_machine_without_tls_is_bare() {
        for (url, expected) in [
            ("amqp://refit:hunter2@rabbit/refit", Some("amqps")),
            ("redis://:hunter2@10.0.0.7:6379/0?prefix=a", Some("rediss")),
            ("redis://:hunter2@[2001:db8::1]/0", Some("rediss")),
            ("s3://key:secret@bucket/folder?endpoint=http://minio:9000&region=x", Some("endpoint=https://")),
            ("amqps://refit:hunter2@rabbit/refit", None),
            ("rediss://redis", None),
            ("amqp://refit:hunter2@127.0.0.1:5672/%2f", None),
            ("redis://:hunter2@localhost/0", None),
            ("redis://:hunter2@[::1]/0", None),
            ("s3://key:secret@bucket?endpoint=http://127.0.0.1:9000", None),
            ("s3://bucket/folder", None),
            ("sqlite:///data/bus.db", None),
            ("file:///data/store", None),
            ("nonsense", None),
        ] {
            assert_eq!(bare(url), expected, "{url}");
        }
    }
}
