//! Chooses the implementation of a port by the scheme of its URL.

mod plaintext;
mod trust;

use std::path::Path;
use std::sync::Arc;

use crate::distributed::{RabbitQueue, RedisBus, bucket, unproven_bucket};
use crate::embedded::{SqliteBus, SqliteQueue, directory, unproven_directory};
use crate::ports::{ArtifactStore, EventBus, JobQueue, PortError};
use crate::retry::retry;
use crate::settings::Settings;

pub use plaintext::is_this_machine;
pub use trust::{Trust, mistrusted};

const NO_BACKUPS: &str = "it is not set, and the store is not embedded: set storage.backups (REFIT_STORAGE__BACKUPS) to \
                          file:///path or s3://BUCKET/FOLDER, apart from the store";

/// Opens what an installation stands on, as its settings say.
#[derive(Debug)]
pub struct Connector<'a> {
    settings: &'a Settings,
    trust: Trust,
}

impl<'a> Connector<'a> {
    /// Nothing is opened yet; what would be asked without TLS on another machine is warned of.
    ///
    /// # Errors
    /// The file of authorities cannot be used.
    pub fn new(settings: &'a Settings) -> Result<Self, PortError> {
        plaintext::warn_of(settings);
        Ok(Self { settings, trust: Trust::by(&settings.storage)? })
    }

    /// Whose certificates are believed.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Opens the queue. One that does not answer now is waited for by the calls that need it.
    ///
    /// # Errors
    /// The URL is not one, or the broker refuses what it says.
    pub async fn queue(&self) -> Result<Arc<dyn JobQueue>, PortError> {
        open_queue(&self.settings.queue_url(), &self.trust).await
    }

    /// Opens the bus. One that does not answer now is waited for by the calls that need it.
    ///
    /// # Errors
    /// The URL is not one, or the server refuses what it says.
    pub async fn bus(&self) -> Result<Arc<dyn EventBus>, PortError> {
        open_bus(&self.settings.bus_url(), &self.trust).await
    }

    /// Opens the store, and waits for it while it does not answer: it has to prove first that it refuses a second create.
    ///
    /// # Errors
    /// The URL is not one, or the store refuses what it says or cannot be relied on.
    pub async fn store(&self) -> Result<Arc<dyn ArtifactStore>, PortError> {
        let url = self.settings.store_url();
        retry(|| open_store(&url, &self.trust)).await
    }

    /// Opens the place of backups. Not waited for, and not proven: what lies there can be read also where nothing can be written.
    ///
    /// # Errors
    /// No place is named, or it refuses what the URL says.
    pub async fn backups(&self) -> Result<Arc<dyn ArtifactStore>, PortError> {
        const PLACE: &str = "place of backups";
        let Some(url) = self.settings.backups_url() else { return Err(unusable(PLACE, NO_BACKUPS.into())) };
        match scheme_of(&url) {
            "file" => Ok(Arc::new(unproven_directory(path_of(PLACE, &url)?).await?)),
            "s3" => Ok(Arc::new(unproven_bucket(&url, &self.trust)?)),
            _ => Err(unknown(PLACE, "file://, s3://")),
        }
    }
}

/// Opens the queue: `sqlite:///path/to/bus.db`, `amqp://user:password@host/virtual-host` or `amqps://`.
///
/// # Errors
/// The scheme is not known, or the queue cannot be opened.
pub async fn queue(url: &str) -> Result<Arc<dyn JobQueue>, PortError> {
    open_queue(url, &Trust::default()).await
}

async fn open_queue(url: &str, trust: &Trust) -> Result<Arc<dyn JobQueue>, PortError> {
    match scheme_of(url) {
        "sqlite" => Ok(Arc::new(SqliteQueue::open(path_of("queue", url)?).await?)),
        "amqp" | "amqps" => Ok(Arc::new(RabbitQueue::open(url, trust).await?)),
        _ => Err(unknown("queue", "sqlite://, amqp://, amqps://")),
    }
}

/// Opens the bus: `sqlite:///path/to/bus.db`, `redis://user:password@host` or `rediss://`.
///
/// # Errors
/// The scheme is not known, or the bus cannot be opened.
pub async fn bus(url: &str) -> Result<Arc<dyn EventBus>, PortError> {
    open_bus(url, &Trust::default()).await
}

async fn open_bus(url: &str, trust: &Trust) -> Result<Arc<dyn EventBus>, PortError> {
    match scheme_of(url) {
        "sqlite" => Ok(Arc::new(SqliteBus::open(path_of("bus", url)?).await?)),
        "redis" | "rediss" => Ok(Arc::new(RedisBus::open(url, trust).await?)),
        _ => Err(unknown("bus", "sqlite://, redis://, rediss://")),
    }
}

/// Opens the store: `file:///path/to/folder` or `s3://bucket/folder`.
///
/// # Errors
/// The scheme is not known, or the store cannot be opened.
pub async fn store(url: &str) -> Result<Arc<dyn ArtifactStore>, PortError> {
    open_store(url, &Trust::default()).await
}

async fn open_store(url: &str, trust: &Trust) -> Result<Arc<dyn ArtifactStore>, PortError> {
    match scheme_of(url) {
        "file" => Ok(Arc::new(directory(path_of("store", url)?).await?)),
        "s3" => Ok(Arc::new(bucket(url, trust).await?)),
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

/// Has the client of a URL read it, without connecting: it may refuse.
#[cfg(test)]
pub(crate) fn can_be_read(url: &str) {
    let trust = Trust::default();
    let _taken_or_refused = match scheme_of(url) {
        "amqp" | "amqps" => crate::distributed::reads_amqp(url, &trust),
        "redis" | "rediss" => crate::distributed::reads_redis(url, &trust),
        "s3" => unproven_bucket(url, &trust).is_ok(),
        "postgres" | "postgresql" => url.parse::<sqlx::postgres::PgConnectOptions>().is_ok(),
        _ => true,
    };
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
