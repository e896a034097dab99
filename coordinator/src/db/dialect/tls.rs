//! Whether PostgreSQL is asked with TLS, where its URL leaves that open.

use common::connect::{Trust, is_this_machine};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Another machine is asked with TLS or not at all: the driver's own choice is to go without as soon as anybody on the way says so.
pub(super) fn by_default(options: PgConnectOptions, url: &str, trust: &Trust) -> PgConnectOptions {
    let is_near = options.get_socket().is_some() || is_this_machine(options.get_host());
    if is_near || trust.allows_plaintext() || is_chosen(url) { options } else { options.ssl_mode(PgSslMode::Require) }
}

/// The URL's own word goes first, then that of the environment, as everywhere with PostgreSQL.
fn is_chosen(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut names = query.split('&').filter_map(|pair| pair.split('=').next());
    names.any(|name| ["sslmode", "ssl-mode"].contains(&name)) || std::env::var_os("PGSSLMODE").is_some()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use common::settings::Storage;

    use super::*;

    #[test]
    fn another_machine_is_asked_with_tls_unless_somebody_says_otherwise() {
        let allowing = |allow_plaintext| Trust::by(&Storage { allow_plaintext, ..Storage::default() }).unwrap();
        let mode = |url: &str, allowed| {
            let options = PgConnectOptions::from_str(url).unwrap();
            format!("{:?}", by_default(options, url, &allowing(allowed)).get_ssl_mode())
        };
        for (url, allowed, expected) in [
            ("postgres://refit:hunter2@db/refit", false, "Require"),
            ("postgres://refit:hunter2@10.0.0.7:5432/refit?options=-csearch_path=a", false, "Require"),
            ("postgres://refit:hunter2@db/refit", true, "Prefer"),
            ("postgres://refit:hunter2@db/refit?sslmode=disable", false, "Disable"),
            ("postgres://refit:hunter2@db/refit?a=b&sslmode=verify-full", false, "VerifyFull"),
            ("postgres://refit:hunter2@127.0.0.1/refit", false, "Prefer"),
            ("postgres://refit@localhost/refit", false, "Prefer"),
            ("postgres:///refit?host=/var/run/postgresql", false, "Prefer"),
        ] {
            assert_eq!(mode(url, allowed), expected, "{url}");
        }
    }
}
