//! Chooses the implementation of a port by the scheme of its URL.

use std::path::Path;
use std::sync::Arc;

use crate::embedded::{DirectoryStore, SqliteBus, SqliteQueue};
use crate::ports::{ArtifactStore, EventBus, JobQueue, PortError};

/// Opens the queue: `sqlite:///path/to/bus.db`.
///
/// # Errors
/// The scheme is not in this build, or the queue cannot be opened.
pub async fn queue(url: &str) -> Result<Arc<dyn JobQueue>, PortError> {
    Ok(Arc::new(
        SqliteQueue::open(Scheme { port: "queue", ours: "sqlite://", others: &["amqp://", "amqps://"] }.path(url)?)
            .await?,
    ))
}

/// Opens the bus: `sqlite:///path/to/bus.db`.
///
/// # Errors
/// The scheme is not in this build, or the bus cannot be opened.
pub async fn bus(url: &str) -> Result<Arc<dyn EventBus>, PortError> {
    Ok(Arc::new(
        SqliteBus::open(Scheme { port: "bus", ours: "sqlite://", others: &["redis://", "rediss://"] }.path(url)?)
            .await?,
    ))
}

/// Opens the store: `file:///path/to/folder`.
///
/// # Errors
/// The scheme is not in this build, or the store cannot be opened.
pub async fn store(url: &str) -> Result<Arc<dyn ArtifactStore>, PortError> {
    Ok(Arc::new(DirectoryStore::open(Scheme { port: "store", ours: "file://", others: &["s3://"] }.path(url)?).await?))
}

/// The schemes a port may have.
struct Scheme {
    port: &'static str,
    ours: &'static str,
    others: &'static [&'static str],
}

impl Scheme {
    /// What follows our scheme: a path, as it is. The URL itself is never shown, it may hold a password.
    fn path<'a>(&self, url: &'a str) -> Result<&'a Path, PortError> {
        let Self { port, ours, others } = self;
        let unusable = |reason: String| PortError::Unusable { what: format!("the URL of the {port}"), reason };
        match url.strip_prefix(ours) {
            Some("") => Err(unusable(format!("it names no file: write {ours}/path"))),
            Some(path) => Ok(Path::new(path)),
            None => Err(unusable(match others.iter().find(|scheme| url.starts_with(**scheme)) {
                Some(scheme) => format!("{scheme} is not part of this build, which knows {ours}"),
                None => format!(
                    "its scheme is none of {ours} (in this build), {} (known, not in this build)",
                    others.join(", ")
                ),
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unknown_schemes_say_what_is_known_and_hide_the_url() {
        let refused = queue("amqp://user:secret@host").await.err().unwrap().to_string();
        assert_eq!(
            refused,
            "the URL of the queue cannot be used: amqp:// is not part of this build, which knows sqlite://"
        );
        let refused = store("ftp://user:secret@host").await.err().unwrap().to_string();
        assert!(
            refused.ends_with("its scheme is none of file:// (in this build), s3:// (known, not in this build)"),
            "{refused}"
        );
        assert!(bus("sqlite://").await.err().unwrap().to_string().ends_with("it names no file: write sqlite:///path"));
    }
}
