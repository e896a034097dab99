//! Cancelling while a service is away: what the row says is done, and the leader makes up for the rest.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use common::ports::{ArtifactStore, Created, Pieces, PortError, StoreEntry, StoreKey};
use common::vocabulary::ContentHash;

use crate::kit::{Environment, id};

/// A store that can be taken away.
struct Fragile {
    store: Arc<dyn ArtifactStore>,
    away: AtomicBool,
}

impl Fragile {
    fn there(&self) -> Result<&dyn ArtifactStore, PortError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(PortError::Unreachable { what: "the store".into(), reason: "the test took it away".into() });
        }
        Ok(self.store.as_ref())
    }
}

#[async_trait]
impl ArtifactStore for Fragile {
    async fn put(&self, key: &StoreKey, body: Bytes) -> Result<(), PortError> {
        self.there()?.put(key, body).await
    }
    async fn create(&self, key: &StoreKey, body: Bytes) -> Result<Created, PortError> {
        self.there()?.create(key, body).await
    }
    async fn get(&self, key: &StoreKey) -> Result<Bytes, PortError> {
        self.there()?.get(key).await
    }
    async fn read(&self, key: &StoreKey) -> Result<Pieces, PortError> {
        self.there()?.read(key).await
    }
    async fn upload(&self, key: &StoreKey, file: &Path) -> Result<(), PortError> {
        self.there()?.upload(key, file).await
    }
    async fn download(&self, key: &StoreKey, file: &Path, expect: &ContentHash) -> Result<(), PortError> {
        self.there()?.download(key, file, expect).await
    }
    async fn list(&self, below: Option<&StoreKey>) -> Result<Vec<StoreEntry>, PortError> {
        self.there()?.list(below).await
    }
    async fn delete(&self, key: &StoreKey) -> Result<(), PortError> {
        self.there()?.delete(key).await
    }
    async fn probe(&self) -> Result<(), PortError> {
        self.there()?.probe().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_a_running_job_is_cancelled_although_the_store_is_away() {
    let mut environment = Environment::new().await;
    let store = Arc::new(Fragile { store: environment.ports.store.clone(), away: false.into() });
    environment.ports.store = store.clone();
    let running = environment.start().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let grant = worker.take().await;
    store.away.store(true, Ordering::Relaxed);
    let answer = running.refit.cancel(id(&item)).await.unwrap();
    assert!(answer.outcome.starts_with("being cancelled: the store does not answer now"), "{}", answer.outcome);
    assert_eq!(answer.job.state, "running");
    store.away.store(false, Ordering::Relaxed);
    worker.told_to_stop(grant.claim).await;
    running.until(&item, "cancelled").await;
}
