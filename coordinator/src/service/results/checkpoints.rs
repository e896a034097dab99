//! Checkpoints are most of what a training leaves in the store, and nobody goes on from one once its result is recorded: they go at
//! once. Those of jobs that end otherwise go with the next cleanup, as does what cannot be removed now.

use std::time::Duration;

use common::ports::{PortError, StoreKey};
use common::vocabulary::JobId;
use tokio::time::timeout;

use crate::service::runtime::Core;

/// Recording waits for it, so not long.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Removes the checkpoints of a job whose result is recorded.
pub(crate) async fn of_recorded(core: &Core, job: JobId) {
    match timeout(TIME_LIMIT, remove(core, job)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%job, %error, "its checkpoints go with the next cleanup"),
        Err(_) => tracing::debug!(%job, "the store is slow: its checkpoints go with the next cleanup"),
    }
}

async fn remove(core: &Core, job: JobId) -> Result<(), PortError> {
    let unusable = |reason: String| PortError::Unusable { what: format!("jobs/{job}"), reason };
    let folder: StoreKey = format!("jobs/{job}").parse().map_err(|error| unusable(format!("{error}")))?;
    for entry in core.ports.store.list(Some(&folder)).await? {
        if is_checkpoint(&entry.key) {
            core.ports.store.delete(&entry.key).await?;
        }
    }
    Ok(())
}

/// `jobs/<job>/<attempt>/<claim>/checkpoint-<step>`.
fn is_checkpoint(key: &StoreKey) -> bool {
    let parts: Vec<&str> = key.as_str().split('/').collect();
    matches!(parts.as_slice(), ["jobs", _, _, _, name] if name.starts_with("checkpoint-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_checkpoints_are_taken_for_checkpoints() {
        for (key, expected) in [
            ("jobs/j/a/c/checkpoint-40", true),
            ("jobs/j/a/c/artifact/weights.safetensors", false),
            ("jobs/j/a/c/artifact/checkpoint-40", false),
            ("jobs/j/a/seal", false),
            ("snapshots/checkpoint-40", false),
        ] {
            assert_eq!(is_checkpoint(&key.parse().unwrap()), expected, "{key}");
        }
    }
}
