//! Uploads checkpoints beside the training; the newest two stay in the store.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::ports::{PortError, StoreKey};
use common::vocabulary::ContentHash;
use common::wire::{CheckpointRef, Claim};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::service::Context;
use common::retry::retry;

const KEPT: usize = 2;

/// Uploads the checkpoints of one claim, one after the other; ends when dropped.
#[derive(Debug)]
pub(super) struct CheckpointUploader {
    written: mpsc::UnboundedSender<(PathBuf, u64)>,
    task: JoinHandle<()>,
}

impl CheckpointUploader {
    /// Starts for a claim.
    pub(super) fn start(context: Arc<Context>, claim: Claim) -> Self {
        let (written, mut queue) = mpsc::unbounded_channel::<(PathBuf, u64)>();
        let task = tokio::spawn(async move {
            let mut kept = VecDeque::new();
            while let Some((mut file, mut step)) = queue.recv().await {
                // A store slower than the training is given the newest only.
                while let Ok(newer) = queue.try_recv() {
                    let _ = std::fs::remove_file(&file);
                    (file, step) = newer;
                }
                match upload(&context, &claim, &file, step).await {
                    Ok(key) => kept.push_back(key),
                    Err(error) => {
                        tracing::warn!(%error, step, "a checkpoint was not uploaded: the training goes on without")
                    }
                }
                let _ = std::fs::remove_file(&file);
                if kept.len() > KEPT
                    && let Some(oldest) = kept.pop_front()
                {
                    let _ = context.ports.store.delete(&oldest).await;
                }
            }
        });
        Self { written, task }
    }

    /// A checkpoint lies in `file`.
    pub(super) fn offer(&self, file: PathBuf, step: u64) {
        let _ = self.written.send((file, step));
    }

    /// Returns when everything offered is uploaded.
    pub(super) async fn flush(mut self) {
        // Closing the channel ends the task once it has run dry.
        let (closed, _) = mpsc::unbounded_channel();
        self.written = closed;
        let _ = (&mut self.task).await;
    }
}

impl Drop for CheckpointUploader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn upload(context: &Context, claim: &Claim, file: &Path, step: u64) -> Result<StoreKey, PortError> {
    let folder = StoreKey::claim(claim.job, claim.attempt, claim.claim);
    let damaged = |reason: String| PortError::Damaged { what: file.display().to_string(), reason };
    let key = folder.join(&format!("checkpoint-{step}")).map_err(|error| damaged(error.to_string()))?;
    let path = file.to_owned();
    let hashed = tokio::task::spawn_blocking(move || ContentHash::of_file(&path)).await;
    let sha256 = hashed.map_err(|error| damaged(error.to_string()))?.map_err(|error| damaged(error.to_string()))?;
    retry(|| context.ports.store.upload(&key, file)).await?;
    context.held_claims.checkpoint(claim.claim, CheckpointRef { key: key.to_string(), sha256, step });
    Ok(key)
}
