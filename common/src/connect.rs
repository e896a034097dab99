//! Chooses the implementation of a port by the scheme of its URL.

use std::path::Path;
use std::sync::Arc;

use crate::distributed::{RabbitQueue, RedisBus, bucket};
use crate::embedded::{SqliteBus, SqliteQueue, directory};
use crate::ports::{ArtifactStore, EventBus, JobQueue, PortError};

/// Opens the queue: `sqlite:///path/to/bus.db`, `amqp://user:password@host/virtual-host` or `amqps://`.
///
/// # Errors
/// The scheme is not known, or the queue cannot be opened.
pub async fn queue(url: &str) -> Result<Arc<dyn JobQueue>, PortError> {
    match scheme_of(url) {
        "sqlite" => Ok(Arc::new(SqliteQueue::open(path_of("queue", url)?).await?)),
        "amqp" | "amqps" => Ok(Arc::new(RabbitQueue::open(url).await?)),
        _ => Err(unknown("queue", "sqlite://, amqp://, amqps://")),
    }
}

/// Opens the bus: `sqlite:///path/to/bus.db`, `redis://user:password@host` or `rediss://`.
///
/// # Errors
/// The scheme is not known, or the bus cannot be opened.
pub async fn bus(url: &str) -> Result<Arc<dyn EventBus>, PortError> {
    match scheme_of(url) {
        "sqlite" => Ok(Arc::new(SqliteBus::open(path_of("bus", url)?).await?)),
        "redis" | "rediss" => Ok(Arc::new(RedisBus::open(url).await?)),
        _ => Err(unknown("bus", "sqlite://, redis://, rediss://")),
    }
}

/// Opens the store: `file:///path/to/folder` or `s3://bucket/folder`.
///
/// # Errors
/// The scheme is not known, or the store cannot be opened.
pub async fn store(url: &str) -> Result<Arc<dyn ArtifactStore>, PortError> {
    match scheme_of(url) {
        "file" => Ok(Arc::new(directory(path_of("store", url)?).await?)),
        "s3" => Ok(Arc::new(bucket(url).await?)),
        _ => Err(unknown("store", "file://, s3://")),
    }
}

fn scheme_of(url: &str) -> &str {
    url.split_once("://").map_or("", |(scheme, _)| scheme)
}

/// What follows the scheme: a path, as it is.
fn path_of<'a>(port: &str, url: &'a str) -> Result<&'a Path, PortError> {
    match url.split_once("://") {
        Some((_, path)) if !path.is_empty() => Ok(Path::new(path)),
        _ => Err(unusable(port, format!("it names no file: write {}:///path", scheme_of(url)))),
    }
}

/// The URL itself is not shown: without a scheme that is known, nobody can say where its password is.
fn unknown(port: &str, known: &str) -> PortError {
    unusable(port, format!("its scheme is none of {known}"))
}

fn unusable(port: &str, reason: String) -> PortError {
    PortError::Unusable { what: format!("the URL of the {port}"), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unknown_schemes_say_what_is_known_and_hide_the_url() {
        let refused = queue("kafka://user:secret@host").await.err().unwrap().to_string();
        assert_eq!(refused, "the URL of the queue cannot be used: its scheme is none of sqlite://, amqp://, amqps://");
        let refused = store("ftp://user:secret@host").await.err().unwrap().to_string();
        assert!(refused.ends_with("its scheme is none of file://, s3://"), "{refused}");
        let refused = bus("user:secret@host").await.err().unwrap().to_string();
        assert!(refused.ends_with("its scheme is none of sqlite://, redis://, rediss://"), "{refused}");
        assert!(bus("sqlite://").await.err().unwrap().to_string().ends_with("it names no file: write sqlite:///path"));
    }
}
