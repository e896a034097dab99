//! Reading what an attempt left in the store, and believing none of it before its hash agrees.

use std::collections::BTreeMap;
use std::path::Path;

use common::losses::{self, RowLosses};
use common::ports::{ArtifactStore, Created, PortError, StoreKey};
use common::seen::Seen;
use common::vocabulary::{
    AttemptId, ClaimId, ContentHash, EvaluationManifest, FileEntry, JobId, Manifest, MonitorManifest, Seal,
    TrialManifest, files,
};
use serde::de::DeserializeOwned;

use crate::service::error::Unfit;

/// What a seal is called in messages.
const SEAL: &str = "seal";
/// The most bytes of a seal: the reason of a revocation is in it.
const LARGEST_SEAL: u64 = 1 << 20;
/// The most bytes of a file that is read whole: manifests, losses, the names of rows. Weights are not.
const LARGEST: u64 = 512 << 20;

/// What a seal says.
pub(crate) type Sealed = Option<(ClaimId, ContentHash)>;

/// The seal of an attempt: `None` if there is none yet.
pub(crate) async fn seal(store: &dyn ArtifactStore, job: JobId, attempt: AttemptId) -> Result<Option<Seal>, Unfit> {
    let key = StoreKey::seal(job, attempt);
    match store.get_within(&key, LARGEST_SEAL).await {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| damaged(SEAL, e)),
        Err(PortError::NotFound { .. }) => Ok(None),
        Err(PortError::Damaged { reason, .. }) => Err(damaged("seal", reason)),
        Err(error) => Err(error.into()),
    }
}

/// Gives an attempt up, unless its result was sealed first: then says which. A seal that cannot be read says of no result where it
/// is, and lets no other in: the attempt has left nothing.
pub(crate) async fn revoke(
    store: &dyn ArtifactStore,
    job: JobId,
    attempt: AttemptId,
    reason: &str,
) -> Result<Sealed, Unfit> {
    let revoked = Seal::Revoked { reason: reason.to_owned() };
    let body = serde_json::to_vec(&revoked).map_err(|e| damaged(SEAL, e))?;
    match store.create(&StoreKey::seal(job, attempt), body.into()).await? {
        Created::Fresh => Ok(None),
        Created::Exists => match seal(store, job, attempt).await {
            Ok(Some(Seal::Result { claim, manifest })) => Ok(Some((claim, manifest))),
            Ok(Some(Seal::Revoked { .. }) | None) => Ok(None),
            Err(Unfit::Damaged { reason, .. }) => {
                tracing::error!(%job, %attempt, reason, "its seal cannot be read: whatever it sealed is lost");
                Ok(None)
            }
            Err(error) => Err(error),
        },
    }
}

/// The manifest of a sealed result, checked with every file it names.
pub(crate) async fn manifest(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    expect: ContentHash,
) -> Result<Manifest, Unfit> {
    let bytes = file(store, folder, files::MANIFEST, expect).await?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|e| damaged(files::MANIFEST, e))?;
    if manifest.format != Manifest::FORMAT {
        return Err(damaged(
            files::MANIFEST,
            format!("its format is {}, this build reads {}", manifest.format, Manifest::FORMAT),
        ));
    }
    for (name, entry) in &manifest.files {
        check(store, folder, name, entry.sha256).await?;
    }
    Ok(manifest)
}

/// The manifest of a sealed evaluation, checked with every file it names.
pub(crate) async fn evaluation(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    expect: ContentHash,
) -> Result<EvaluationManifest, Unfit> {
    checked(store, folder, expect, |manifest: &EvaluationManifest| &manifest.files).await
}

/// The manifest of a sealed trial.
pub(crate) async fn trial(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    expect: ContentHash,
) -> Result<TrialManifest, Unfit> {
    checked(store, folder, expect, |manifest: &TrialManifest| &manifest.files).await
}

/// The manifest of a sealed monitoring, checked with every file it names.
pub(crate) async fn monitoring(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    expect: ContentHash,
) -> Result<MonitorManifest, Unfit> {
    checked(store, folder, expect, |manifest: &MonitorManifest| &manifest.files).await
}

async fn checked<M: DeserializeOwned>(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    expect: ContentHash,
    named: impl Fn(&M) -> &BTreeMap<String, FileEntry>,
) -> Result<M, Unfit> {
    let bytes = file(store, folder, files::MANIFEST, expect).await?;
    let manifest: M = serde_json::from_slice(&bytes).map_err(|e| damaged(files::MANIFEST, e))?;
    for (name, entry) in named(&manifest) {
        check(store, folder, name, entry.sha256).await?;
    }
    Ok(manifest)
}

/// The losses a manifest names, row by row.
pub(crate) async fn losses(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    named: &BTreeMap<String, FileEntry>,
) -> Result<RowLosses, Unfit> {
    losses_in(store, folder, named, files::LOSSES).await
}

/// The same, in the file of a certain name.
pub(crate) async fn losses_in(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    named: &BTreeMap<String, FileEntry>,
    name: &str,
) -> Result<RowLosses, Unfit> {
    let Some(entry) = named.get(name) else {
        return Err(damaged(name, "the manifest does not name it"));
    };
    let bytes = file(store, folder, name, entry.sha256).await?;
    losses::decode(bytes).map_err(|e| damaged(name, e))
}

/// The losses of each subject of a monitoring.
pub(crate) async fn monitored(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    manifest: &MonitorManifest,
) -> Result<Vec<RowLosses>, Unfit> {
    let mut losses = Vec::with_capacity(manifest.subjects.len());
    for (index, found) in manifest.subjects.iter().enumerate() {
        let name = MonitorManifest::losses_of(index);
        losses.push(match found.rows {
            0 => RowLosses::default(),
            _ => losses_in(store, folder, &manifest.files, &name).await?,
        });
    }
    Ok(losses)
}

/// The rows a version was given, by name; none of bars, or of a version that was made before rows had names.
pub(crate) async fn seen(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    named: &BTreeMap<String, FileEntry>,
) -> Result<Option<Seen>, Unfit> {
    let Some(entry) = named.get(files::SEEN) else { return Ok(None) };
    let bytes = file(store, folder, files::SEEN, entry.sha256).await?;
    Seen::decode(bytes).map(Some).map_err(|e| damaged(files::SEEN, e))
}

/// Checks a file of an artifact, piece by piece: weights may be larger than the memory.
pub(crate) async fn check(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    name: &str,
    expect: ContentHash,
) -> Result<(), Unfit> {
    let key = folder.join(name).map_err(|e| damaged(name, e))?;
    same(name, found(name, store.hash(&key).await)?, expect)
}

/// A file of an artifact that is read whole, checked.
pub(crate) async fn file(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    name: &str,
    expect: ContentHash,
) -> Result<bytes::Bytes, Unfit> {
    let key = folder.join(name).map_err(|e| damaged(name, e))?;
    let bytes = found(name, store.get_within(&key, LARGEST).await)?;
    same(name, ContentHash::of(&bytes), expect)?;
    Ok(bytes)
}

/// Copies a file of an artifact to this machine's disk, checked.
pub(crate) async fn copy(
    store: &dyn ArtifactStore,
    folder: &StoreKey,
    name: &str,
    expect: ContentHash,
    to: &Path,
) -> Result<(), Unfit> {
    let key = folder.join(name).map_err(|e| damaged(name, e))?;
    found(name, store.download(&key, to, &expect).await)
}

/// What the store answers about a file, where what is missing or wrong is the file's own fault.
fn found<T>(name: &str, answer: Result<T, PortError>) -> Result<T, Unfit> {
    match answer {
        Err(PortError::NotFound { .. }) => Err(damaged(name, "it is not there")),
        Err(PortError::Damaged { reason, .. }) => Err(damaged(name, reason)),
        answer => Ok(answer?),
    }
}

fn same(name: &str, found: ContentHash, expect: ContentHash) -> Result<(), Unfit> {
    if found == expect { Ok(()) } else { Err(damaged(name, format!("its SHA-256 is {found}, not {expect}"))) }
}

fn damaged(file: &str, reason: impl ToString) -> Unfit {
    Unfit::Damaged { file: file.into(), reason: reason.to_string() }
}
