//! The files of versions on this machine: fetched once, beside the questions that are answered meanwhile.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use common::ports::ArtifactStore;
use common::vocabulary::{ArtifactRef, ContentHash, FailureClass};
use tokio::sync::Semaphore;
use tokio::task::{self, JoinSet};

use crate::failure::Failure;
use crate::supervisor::fetch_artifact;

/// Versions whose files are kept.
const KEPT: usize = 64;
/// Versions that come at a time.
const AT_ONCE: usize = 4;
/// However large a version is, its files are here by then, or they will not come.
const FETCHED_WITHIN: Duration = Duration::from_secs(600);

/// Where the files of a version are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Files {
    /// In this folder.
    Here(PathBuf),
    /// On their way: [`Versions::arrived`] says when.
    Coming,
}

/// A version whose files have come to a folder, or in words why they have not.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) manifest: ContentHash,
    pub(super) folder: Result<PathBuf, String>,
}

/// Keeps versions by their manifests.
pub(super) struct Versions {
    store: Arc<dyn ArtifactStore>,
    folder: PathBuf,
    /// The oldest first.
    here: VecDeque<ContentHash>,
    coming: HashMap<task::Id, ContentHash>,
    fetches: JoinSet<Result<(), Failure>>,
    turns: Arc<Semaphore>,
}

impl Versions {
    pub(super) fn new(store: Arc<dyn ArtifactStore>, folder: PathBuf) -> Self {
        Self {
            store,
            folder,
            here: VecDeque::new(),
            coming: HashMap::new(),
            fetches: JoinSet::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Where a version's files are; those of one that is not here are sent for.
    pub(super) fn files(&mut self, artifact: &ArtifactRef) -> Files {
        let manifest = artifact.manifest;
        if self.here.contains(&manifest) {
            return Files::Here(self.folder(manifest));
        }
        if !self.coming.values().any(|coming| *coming == manifest) {
            tracing::info!(version = %artifact.version, prefix = artifact.prefix, "fetching a version");
            let fetch = fetch(self.store.clone(), artifact.clone(), self.folder(manifest));
            let turns = self.turns.clone();
            let in_turn = async move {
                let _turn = turns.acquire().await;
                fetch.await
            };
            self.coming.insert(self.fetches.spawn(in_turn).id(), manifest);
        }
        Files::Coming
    }

    /// The next version that comes, or that does not; never, if none is on its way. Nothing is lost by not waiting for the end.
    pub(super) async fn arrived(&mut self) -> Arrival {
        let (manifest, fetched) = loop {
            let (id, fetched) = match self.fetches.join_next_with_id().await {
                Some(Ok(ended)) => ended,
                Some(Err(broken)) => (broken.id(), Err(Failure::new(FailureClass::Lost, broken.to_string()))),
                None => future::pending().await,
            };
            if let Some(manifest) = self.coming.remove(&id) {
                break (manifest, fetched);
            }
        };
        if fetched.is_ok() {
            self.here.push_back(manifest);
            if self.here.len() > KEPT
                && let Some(oldest) = self.here.pop_front()
            {
                let _ = fs::remove_dir_all(self.folder(oldest));
            }
        }
        Arrival { manifest, folder: fetched.map(|()| self.folder(manifest)).map_err(|failure| failure.message) }
    }

    fn folder(&self, manifest: ContentHash) -> PathBuf {
        self.folder.join(manifest.to_string())
    }
}

/// Fetches the files into a folder, which gets its name when they are all there.
async fn fetch(store: Arc<dyn ArtifactStore>, artifact: ArtifactRef, folder: PathBuf) -> Result<(), Failure> {
    let coming = folder.with_extension("coming");
    let files = async {
        let _ = fs::remove_dir_all(&coming);
        fetch_artifact(store.as_ref(), &artifact, &coming).await?;
        fs::rename(&coming, &folder).map_err(|error| Failure::file(&folder, &error))
    };
    let late = |_| {
        let within = FETCHED_WITHIN.as_secs();
        Failure::new(FailureClass::Lost, format!("its files did not come from the store within {within} s"))
    };
    let fetched = tokio::time::timeout(FETCHED_WITHIN, files).await.unwrap_or_else(|elapsed| Err(late(elapsed)));
    if fetched.is_err() {
        let _ = fs::remove_dir_all(&coming);
    }
    fetched
}
