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
    /// for TLS, `&options=-csearch_path=name` for a schema of its own. Only the coordinator opens it.
    pub database: ServiceUrl,
    /// A file (PEM) with the authorities that signed the certificates of these services, if the system does not know them: for `amqps`,
    /// `rediss` (where it takes the place of the system's), PostgreSQL with `sslmode=verify-full`, and `https` endpoints of S3.
    #[schemars(with = "Option<String>")]
    pub ca_file: Option<PathBuf>,
    /// The store of snapshots, checkpoints and artifacts: `file:///path`, or S3: `s3://BUCKET/FOLDER`. Another server than AWS by
    /// `?endpoint=http://HOST:PORT&region=NAME`; credentials from the usual `AWS_` variables, or before the bucket:
    /// `s3://ACCESS_KEY:SECRET@BUCKET`.
    pub store: ServiceUrl,
}
