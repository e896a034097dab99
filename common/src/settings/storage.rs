//! `storage`

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ServiceUrl;

/// Where queue, bus, database and store are. Without a URL: embedded, below `data_dir`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// The queue: `sqlite:///path/bus.db`, or RabbitMQ: `amqp://USER:PASSWORD@HOST:PORT/VHOST`, `amqps://` with TLS.
    pub queue: ServiceUrl,
    /// The bus: `sqlite:///path/bus.db`, or Redis: `redis://USER:PASSWORD@HOST:PORT/DATABASE?prefix=NAME`, `rediss://` with TLS.
    /// Installations that share a server need a prefix each; without one it is `refit`.
    pub bus: ServiceUrl,
    /// The coordinator's database: `sqlite:///path/refit.db`, or `postgres://user:password@host/database`, with `?sslmode=verify-full`
    /// for TLS with a checked certificate (another machine is never asked without TLS, unless `sslmode` or `storage.allow_plaintext` say
    /// so), `&options=-csearch_path=name` for a schema of its own. Only the coordinator opens it.
    pub database: ServiceUrl,
    /// Passwords and rows may go to other machines without TLS: on a network that is trusted. Without it PostgreSQL on another machine is
    /// asked with `sslmode=require`, and `amqp://`, `redis://` and `endpoint=http://` of other machines are warned of.
    pub allow_plaintext: bool,
    /// A file (PEM) with the authorities that signed the certificates of these services, if the system does not know them: for `amqps`,
    /// `rediss` (where it takes the place of the system's), PostgreSQL with `sslmode=verify-full`, and `https` endpoints of S3.
    #[schemars(with = "Option<String>")]
    pub ca_file: Option<PathBuf>,
    /// The store of snapshots, checkpoints and artifacts: `file:///path`, or S3: `s3://BUCKET/FOLDER`. Another server than AWS by
    /// `?endpoint=http://HOST:PORT&region=NAME`; credentials from the usual `AWS_` variables, or before the bucket:
    /// `s3://ACCESS_KEY:SECRET@BUCKET`.
    pub store: ServiceUrl,
    /// Backups of versions, one folder each, never inside the store: `file:///path` or `s3://…`, as for the store. Without it: the folder
    /// `backups` of `data_dir`, if the store is embedded; a store that is named needs a place of backups that is named, too.
    pub backups: ServiceUrl,
}

/// Whether a place is another, or lies inside it: what goes with one goes with the other. Who asks for it does not matter.
pub(super) fn is_inside(place: &str, other: &str) -> bool {
    let parts = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = if scheme == "s3" { path.rsplit_once('@').map_or(path, |(_, path)| path) } else { path };
        Some((scheme.to_owned(), PathBuf::from(path), query.to_owned()))
    };
    match (parts(place), parts(other)) {
        (Some(place), Some(other)) => place.0 == other.0 && place.2 == other.2 && place.1.starts_with(&other.1),
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_inside_another_is_seen_whoever_asks() {
        for (place, other, expected) in [
            ("file:///data/store", "file:///data/store", true),
            ("file:///data/store/backups/", "file:///data/store", true),
            ("file:///data/store-backups", "file:///data/store", false),
            ("file:///data/backups", "file:///data/store", false),
            ("s3://key:se/cret@models/refit/backups?endpoint=http://h", "s3://models/refit?endpoint=http://h", true),
            ("s3://models/refit/backups?endpoint=http://other", "s3://models/refit?endpoint=http://h", false),
            ("s3://backups", "s3://models", false),
            ("file:///models", "s3://models", false),
            ("nonsense", "nonsense", false),
        ] {
            assert_eq!(is_inside(place, other), expected, "{place} in {other}");
        }
    }
}
